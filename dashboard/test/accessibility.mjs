// What keeps somebody from using a page, by axe-core, whose text is given: each test has its own node_modules.
export async function violations(page, axe) {
  await page.evaluate(axe);
  // What is well it need not describe, which takes as long as to look.
  const { violations: found } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  return found
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => node.html)
          .slice(0, 3)
          .join(" ")}`,
    );
}
