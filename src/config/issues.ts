import { z } from 'zod';
import { didYouMean } from '../base/nearest.ts';

/** A problem of a value's shape: where it is and what is wrong, in words. */
export interface ShapeIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What a schema found, in our words: unknown fields with the nearest known name, wrong types with what would be right. */
export function describeIssues(error: z.ZodError, schema: z.ZodType): readonly ShapeIssue[] {
  return error.issues.flatMap((issue) => describeIssue(issue, schema));
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType): readonly ShapeIssue[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `is not a known field${didYouMean(key, known) || listed(known)}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0];
    if (deepest !== undefined)
      return [
        {
          path: [...path, ...deepest.path.filter((key) => typeof key !== 'symbol')],
          message: plain(deepest.message),
        },
      ];
  }
  return [{ path, message: plain(issue.message) }];
}

function plain(message: string): string {
  const text = message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function listed(known: readonly string[]): string {
  return known.length === 0 ? '' : `; known are ${known.join(', ')}`;
}

// Names of the fields that the schema knows at a path; none where it cannot tell.
function fieldsAt(schema: z.ZodType, path: readonly (string | number)[]): readonly string[] {
  let current: z.core.$ZodType = unwrapped(schema);
  for (const key of path) {
    if (current instanceof z.ZodObject) {
      const next: unknown = current.shape[key];
      if (!(next instanceof z.ZodType)) return [];
      current = unwrapped(next);
    } else if (current instanceof z.ZodRecord) {
      current = unwrapped(current.valueType);
    } else if (current instanceof z.ZodArray) {
      current = unwrapped(current.element);
    } else {
      return [];
    }
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let current = schema;
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault
  ) {
    current = current.unwrap();
  }
  return current;
}
