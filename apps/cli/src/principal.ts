import { parseEntity, type EntityRef } from '@countersign/kernel';
import { CliError } from './cli-error.ts';

/** `Dataset/customers`, split at the first slash: an id may hold more of them. */
export const parseTypeAndId = (text: string, option: string): EntityRef => {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) {
    throw new CliError('usage', `"${text}" has to be <Type>/<id>, like Dataset/customers.`, {
      field: option,
    });
  }
  return { type: text.slice(0, slash), id: text.slice(slash + 1) };
};

/** `Agent::"etl-bot"`, `Agent/etl-bot`, or `alice` for the person of that id. */
export const parsePrincipal = (text: string, option: string): EntityRef => {
  if (text.includes('::')) return parseEntity(text);
  return text.includes('/') ? parseTypeAndId(text, option) : { type: 'User', id: text };
};
