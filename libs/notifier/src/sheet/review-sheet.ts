import type { ActionDigest } from '@countersign/domain-action';
import type { RequestStatus } from '@countersign/domain-thread';

/**
 * Whose words a row holds:
 * - `verified`: from the token, the directory or the log;
 * - `claimed`: the requester's own, which nobody has verified;
 * - `catalogue`: what the organisation knows of the resource;
 * - `policy`: the rule, and what it demands.
 */
export type SheetOrigin = 'verified' | 'claimed' | 'catalogue' | 'policy';

/**
 * One labelled fact. `lines` are plain text, already made `visible`: a renderer escapes what its channel would
 * read as markup, and changes nothing else. `fromVisible` of a line gives the exact text back.
 */
export interface SheetRow {
  readonly label: string;
  readonly lines: readonly string[];
  /** Shown in a fixed-width block of its own: what runs, and what the requester says. */
  readonly isVerbatim?: boolean;
  /** A warning of ours about these lines, such as letters of several scripts in one name. */
  readonly warning?: string;
}

export interface SheetSection {
  readonly title: string;
  readonly origin: SheetOrigin;
  readonly rows: readonly SheetRow[];
}

/**
 * A review card as people read it, the same in every channel: titles and labels are ours, every line is
 * somebody's plain text. It is whole: who can't show all of it says how much it hides, and opens the rest.
 */
export interface ReviewSheet {
  readonly requestId: string;
  readonly digest: ActionDigest;
  readonly version: number;
  readonly status: RequestStatus;
  /** `A request waits for a decision`, `The request: approved`. */
  readonly heading: string;
  /** What everybody must know first: development mode, a repeat, an escalation. Ours, in whole sentences. */
  readonly notices: readonly string[];
  /** What runs and who asks stands first; what a requester may fill with pages of its own comes after. */
  readonly sections: readonly SheetSection[];
  /** Whether it asks for a decision: buttons stand on it only then. */
  readonly asks: boolean;
  /** `high`, as the policy calls it. */
  readonly risk?: string;
}
