const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** The caller knows its terminal, its shell and its language better than the plan. */
const OF_THE_CALLER = ['TERM', 'COLORTERM', 'LANG', 'SHELL'];

/** What the caller gave, where the plan says nothing of it: no caller can point a command past the proxy. */
export function passedEnvironment(
  given: Readonly<Record<string, string | undefined>>,
  ofPlan: Readonly<Record<string, string>>,
): Record<string, string> {
  const passed = Object.entries(given).flatMap(([name, value]) => {
    const allowed = NAME.test(name) && (OF_THE_CALLER.includes(name) || !Object.hasOwn(ofPlan, name));
    return value === undefined || !allowed ? [] : [[name, value] as const];
  });
  return { ...ofPlan, ...Object.fromEntries(passed) };
}
