import { z } from 'zod';
import { isLoopback } from './issuer-config.ts';

const PLACE = '{id}';
const EXAMPLE = `https://console.acme.example/requests/${PLACE}`;

/** Cards keep room for so much. */
const MOST_CHARACTERS = 500;

/** RFC 3986's: no quote and no brace, so that no channel reads an address as more than that. */
const ADDRESS = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/;
const WITH_ITS_HOST = /^https?:\/\/[^/?#{]+[/?#]/;

/** What is wrong with a template; undefined where nothing is. */
const objectionTo = (template: string): string | undefined => {
  if (template.length > MOST_CHARACTERS) return `give an address of at most ${MOST_CHARACTERS} characters`;
  if (template.split(PLACE).length !== 2) return `write ${PLACE} once, where the id goes, as in ${EXAMPLE}`;
  const filled = requestLinkTo(template, 'id');
  if (!ADDRESS.test(filled))
    return 'write other characters than those of an address with %, and no other { }';
  if (!WITH_ITS_HOST.test(template) || !URL.canParse(filled))
    return `give an https address with ${PLACE} behind its host, as in ${EXAMPLE}`;
  const { protocol, hostname, username, password } = new URL(filled);
  if (username !== '' || password !== '') return 'give an address without a name and a password in it';
  if (protocol !== 'https:' && !isLoopback(hostname))
    return 'give an https address; plain http is for loopback only';
  return undefined;
};

/** Where people read a request: an address with `{id}` for its id. */
export const requestLink = z.string().superRefine((template, context) => {
  const message = objectionTo(template);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

export const requestLinkTo = (template: string, requestId: string): string =>
  template.split(PLACE).join(encodeURIComponent(requestId));
