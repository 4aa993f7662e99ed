// Text is drawn in a colour, size and weight over the backgrounds of all it stands in: everything that its contrast
// comes from. Answers those that are not among the known ones, and keeps where they are in `window.fresh`.
(known) => {
  const drawn = new Map();
  const over = (element) => {
    if (!element) return "";
    if (!drawn.has(element)) {
      const style = getComputedStyle(element);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.position];
      const name = `${element.localName}.${element.getAttribute("class") || ""}`;
      drawn.set(element, `${over(element.parentElement)}>${name} ${own.join(" ")}`);
    }
    return drawn.get(element);
  };
  const short = (text) => { // a hash by 53 bits (cyrb53)
    let [a, b] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      a = Math.imul(a ^ text.charCodeAt(at), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(at), 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
  };
  const seen = new Set(known);
  const fresh = new Map();
  const written = (element) => element.matches("input, select, textarea") || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  for (const element of document.body.querySelectorAll("*")) {
    if (!written(element)) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const key = short([innerWidth, color, fontSize, fontWeight, textShadow, over(element)].join());
    if (!seen.has(key) && !fresh.has(key)) fresh.set(key, element);
  }
  window.fresh = [...fresh.values()];
  return [...fresh.keys()];
}
