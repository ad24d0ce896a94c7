import { literal } from './literal-text.ts';

/** What we use of Adaptive Cards 1.5: no `TextBlock`, which reads markdown. */
export interface TextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly color?: 'Attention' | 'Warning' | 'Good';
  readonly fontType?: 'Monospace';
  readonly isSubtle?: boolean;
  readonly size?: 'Small' | 'Large';
  readonly weight?: 'Bolder';
}

export type TextStyle = Omit<TextRun, 'type' | 'text'>;

type Spacing = 'None' | 'Small' | 'Medium';

export interface RichTextBlock {
  readonly type: 'RichTextBlock';
  readonly id?: string;
  readonly spacing: Spacing;
  readonly inlines: readonly TextRun[];
}

export interface Container {
  readonly type: 'Container';
  readonly spacing: Spacing;
  readonly separator?: boolean;
  readonly style?: 'emphasis';
  readonly items: readonly CardElement[];
}

export interface ReasonInput {
  readonly type: 'Input.Text';
  readonly id: 'reason';
  readonly label: string;
  readonly isMultiline: true;
  readonly maxLength: number;
  readonly isRequired: true;
  readonly errorMessage: string;
}

export interface ActionSet {
  readonly type: 'ActionSet';
  readonly actions: readonly CardButton[];
}

export type CardElement = RichTextBlock | Container | ReasonInput | ActionSet;

export interface ExecuteAction {
  readonly type: 'Action.Execute';
  readonly title: string;
  readonly verb: string;
  readonly data: object;
  readonly style?: 'positive' | 'destructive';
  readonly associatedInputs: 'auto' | 'none';
}

/** The client follows it by itself; a bot hears nothing of that. */
export interface OpenUrlAction {
  readonly type: 'Action.OpenUrl';
  readonly title: string;
  readonly url: string;
}

export type CardButton = ExecuteAction | OpenUrlAction;

export interface AdaptiveCard {
  readonly $schema: string;
  readonly type: 'AdaptiveCard';
  readonly version: '1.5';
  readonly msteams: { readonly width: 'Full' };
  readonly body: readonly CardElement[];
  readonly actions: readonly CardButton[];
}

export const adaptiveCard = (body: readonly CardElement[], actions: readonly CardButton[]): AdaptiveCard => ({
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
  type: 'AdaptiveCard',
  version: '1.5',
  msteams: { width: 'Full' },
  body,
  actions,
});

/** A line of its own, exactly as it is. Several lines are several of these: a run may not break lines. */
export const line = (text: string, style: TextStyle = {}, spacing: Spacing = 'None'): RichTextBlock => ({
  type: 'RichTextBlock',
  spacing,
  inlines: [{ type: 'TextRun', text: literal(text), ...style }],
});

export const container = (
  items: readonly CardElement[],
  { isEmphasised = false }: { readonly isEmphasised?: boolean } = {},
): Container => ({
  type: 'Container',
  spacing: 'Medium',
  separator: true,
  ...(isEmphasised && { style: 'emphasis' }),
  items,
});
