// What is wrong with where the focus is now; "" where nothing is.
() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "";
  const what = at.outerHTML.slice(0, 200);
  const box = at.getClientRects()[0];
  if (!box) return `is not shown: ${what}`;
  const marked = (each) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  };
  if (![at, at.closest("label"), at.parentElement].some((each) => each && marked(each))) return `has no mark: ${what}`;
  const within = (middle, most) => Math.min(Math.max(middle, 1), most - 2);
  const above = document.elementFromPoint(within(box.x + box.width / 2, innerWidth), within(box.y + box.height / 2, innerHeight));
  if (above && (at.contains(above) || above.contains(at) || above.closest("label")?.control === at)) return "";
  return `lies under ${above?.outerHTML.slice(0, 120)}: ${what}`;
}
