// What axe, which is there already, finds with these options; with `fresh`, in what `look_for_colours.js` has found.
async ([options, fresh]) => {
  const found = await window.axe.run(fresh ? { include: window.fresh } : document, options);
  const said = ({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`;
  return found.violations.map(said);
}
