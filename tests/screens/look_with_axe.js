// What axe finds with these options; its program is put in on the first look.
async ([axe, options]) => {
  if (!window.axe) (0, eval)(axe);
  const found = await window.axe.run(document, options);
  const said = ({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`;
  return found.violations.map(said);
}
