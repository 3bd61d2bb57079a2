import { z } from 'zod';
import type { Path } from './problem.ts';
import { unwrap } from './remedy.ts';
import type { Report } from './report.ts';

/** A variable is always text: where a number, true or false belongs, it becomes one. */
export function typeVariables(value: unknown, schema: z.ZodType | undefined, path: Path, report: Report): unknown {
  const inner = schema && unwrap(schema);
  if (Array.isArray(value)) {
    const element = inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
    return value.map((item, index) => typeVariables(item, element, [...path, index], report));
  }
  if (typeof value === 'object' && value !== null) {
    const shape = (inner instanceof z.ZodObject ? inner.shape : {}) as Record<string, z.ZodType>;
    const typed = Object.entries(value).map(([key, item]) => {
      const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
      return [key, typeVariables(item, field, [...path, key], report)];
    });
    return Object.fromEntries(typed);
  }
  if (typeof value !== 'string' || report.referencesAt(path).length === 0) return value;
  if (inner instanceof z.ZodNumber && /^\d+$/.test(value)) return Number(value);
  if (inner instanceof z.ZodBoolean && /^(true|false)$/.test(value)) return value === 'true';
  return value;
}
