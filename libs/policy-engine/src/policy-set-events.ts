import { canonicalBytes, type DomainEvent, type EntityRef } from '@countersign/kernel';
import { manifestOf, type ManifestEntry } from './parse-policy-set.ts';
import type { PolicyFile, PolicySet } from './policy-set.ts';

/** The one stream of policy sets; its last event is always a {@link PolicySetActivated}. */
export const POLICY_SET_STREAM = 'policyset-active';

/** A file of the set that the same append activates; `part` counts from 1 to `parts`. */
export type PolicyFileStored = DomainEvent<
  'PolicyFileStored',
  { readonly path: string; readonly part: number; readonly parts: number; readonly content: string }
>;

/** Last event of an append that begins with the set's files. */
export type PolicySetActivated = DomainEvent<
  'PolicySetActivated',
  {
    readonly manifest: readonly ManifestEntry[];
    /** canonicalDigest of the manifest. */
    readonly digest: string;
    /** How many `PolicyFileStored` stand right before this event. */
    readonly stored: number;
    readonly by: EntityRef;
    /** Digest of the set that was active until now; absent for the first. */
    readonly replaces?: string;
  }
>;

/** Of an event's 65,535 canonical bytes the envelope takes its share. */
const PART_BYTES = 60_000;

const fits = (text: string): boolean => canonicalBytes(text).length <= PART_BYTES;

const isLowSurrogate = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
};

/** Halves a text until every part fits; never between the halves of a surrogate pair. */
const split = (text: string): readonly string[] => {
  if (fits(text)) return [text];
  const middle = text.length >> 1;
  const at = isLowSurrogate(text, middle) ? middle + 1 : middle;
  return [...split(text.slice(0, at)), ...split(text.slice(at))];
};

const fileToEvents = ({ path, content }: PolicyFile): readonly PolicyFileStored[] => {
  const contents = split(content);
  return contents.map((part, index) => ({
    type: 'PolicyFileStored',
    data: { path, part: index + 1, parts: contents.length, content: part },
  }));
};

/** Everything that one activation appends, in order. */
export const policySetToEvents = (
  set: PolicySet,
  by: EntityRef,
  replaces?: string,
): readonly [...PolicyFileStored[], PolicySetActivated] => {
  const files = set.files.flatMap(fileToEvents);
  const activated: PolicySetActivated = {
    type: 'PolicySetActivated',
    data: {
      manifest: manifestOf(set.files),
      digest: set.digest,
      stored: files.length,
      by: { type: by.type, id: by.id },
      ...(replaces === undefined ? {} : { replaces }),
    },
  };
  return [...files, activated];
};
