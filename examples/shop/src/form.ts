import type { Request } from 'express';
import { Refusal } from './failure.ts';

/** A field of the form that was sent. */
export function textField(req: Request, name: string): string {
  const value: unknown = req.body?.[name];
  if (typeof value === 'string') return value;
  throw new Refusal(400, 'Something is missing', `The form came without its field "${name}".`);
}
