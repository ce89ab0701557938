import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { describeIssues } from '../config/issues.ts';
import { parseConfigFile } from '../config/parse.ts';
import { resolveConfig } from '../config/resolve.ts';
import { scenarioProblems, scenarioSchema, type ScenarioFile } from '../drill/scenario.ts';
import { PROVIDERS } from '../providers/index.ts';
import { wrongFault } from './load-config.ts';

/** A scenario with its configuration checked. */
export interface Scenario {
  readonly file: ScenarioFile;
  readonly config: Config;
}

/** Reads a scenario file, YAML or JSON; throws `ConfigError` with every problem, its line and its field. */
export function loadScenario(name: string, text: string): Scenario {
  const parsed = parseConfigFile(name, text);
  const checked = scenarioSchema.safeParse(parsed.value, { jitless: true });
  const refuse = (problems: readonly { path: readonly (string | number)[]; message: string }[]): never => {
    const told = problems.map(({ path, message }) => {
      return { path: inWords(path), message, line: parsed.lineOf(path) };
    });
    throw new ConfigError(name, told);
  };
  if (!checked.success) return refuse(describeIssues(checked.error, scenarioSchema));
  const file = checked.data;
  const config = resolveConfig(file.config, {
    definitions: PROVIDERS,
    hasSecret: () => false,
    wrongFault,
    source: name,
    lineOf: (path) => parsed.lineOf(['config', ...path]),
  });
  const known = {
    providers: [...config.providers.keys()],
    models: [...config.models.keys(), ...config.routes.keys()],
  };
  const real = [...config.providers.values()]
    .filter(({ simulate }) => simulate === null)
    .map((provider) => ({
      path: ['config', 'providers', provider.name, 'kind'],
      message: 'a scenario runs without a network, so every provider must be of the kind "simulated"',
    }));
  const none = known.models.length > 0 ? [] : [{ path: ['config'], message: 'it has no models to ask for' }];
  const problems = [...real, ...none, ...scenarioProblems(file, known, wrongFault)];
  return problems.length === 0 ? { file, config } : refuse(problems);
}

function inWords(path: readonly (string | number)[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');
}
