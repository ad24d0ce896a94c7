/** Text as it stands, or what stands between `{{` and `}}`. */
export type Piece =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly source: string };

const ACTION = /\{\{(- )?((?:"(?:[^"\\]|\\.)*"|(?!\}\}).)*?)( -)?\}\}/gs;

/** Cuts a template at its actions; `{{- ` and ` -}}` take the white space beside them along. Comments go. */
export const cut = (template: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  let trimNext = false;
  const text = (raw: string, trimEnd: boolean): void => {
    const started = trimNext ? raw.trimStart() : raw;
    pieces.push({ kind: 'text', text: trimEnd ? started.trimEnd() : started });
  };
  for (const match of template.matchAll(ACTION)) {
    const [whole, trimBefore, source = '', trimAfter] = match;
    text(template.slice(from, match.index), trimBefore !== undefined);
    if (!source.trim().startsWith('/*')) pieces.push({ kind: 'action', source: source.trim() });
    from = match.index + whole.length;
    trimNext = trimAfter !== undefined;
  }
  text(template.slice(from), false);
  return pieces;
};

const TOKEN =
  /\s+|"(?:[^"\\]|\\.)*"|:=|[()|,]|\$?(?:\.?[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*|\$(?![\w.])|\.(?![\w])|-?\d+/gy;

/** The words of an action; one that isn't known is an error, never skipped. */
export const words = (action: string): readonly string[] => {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < action.length) {
    const at = TOKEN.lastIndex;
    const [word] = TOKEN.exec(action) ?? [];
    if (word === undefined)
      throw new Error(`No template of ours needs "${action.slice(at)}" in {{ ${action} }}.`);
    if (word.trim() !== '') found.push(word);
  }
  return found;
};
