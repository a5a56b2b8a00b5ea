// Owns the template by which a provider's policy names people here: one expression (`idpuser.email`), or text with expressions in it
// (`${idpuser.employee_id}@example.com`). Not here: which name counts (account-match.ts).
import { evaluateExpression } from '../expressions/evaluate-expression.ts';
import { ExpressionError } from '../expressions/expression-error.ts';
import type { ExpressionFacts } from '../expressions/facts.ts';
import { parseExpression } from '../expressions/parse-expression.ts';

const WITHIN = /\$\{([^}]*)\}/g;

/** Throws ExpressionError for a template that names nobody, ever. */
export function checkNameTemplate(template: string): void {
  const texts = template.includes('${') ? [...template.matchAll(WITHIN)].map(([, text]) => text ?? '') : [template];
  for (const text of texts) parseExpression(text, 'claims');
}

/** Throws ExpressionError when the facts have no name. */
export function nameByTemplate(template: string, facts: ExpressionFacts): string {
  const textOf = (text: string): string => {
    const value = evaluateExpression(facts, parseExpression(text, 'claims'));
    if (typeof value !== 'string' || value.trim() === '') throw new ExpressionError('There is no name');
    return value.trim();
  };
  return template.includes('${') ? template.replaceAll(WITHIN, (_, text: string) => textOf(text)) : textOf(template);
}
