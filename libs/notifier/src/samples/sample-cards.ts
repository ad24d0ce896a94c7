import { toTimestamp } from '@countersign/kernel';
import type { ReviewCard } from '../card/review-card.ts';

const ASKED_MS = Date.UTC(2026, 10, 20, 3, 0, 0);
const QUARTER_HOUR_MS = 900_000;
const REQUEST_ID = '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11';

/** As long as the settings let one be. */
export const LONGEST_LINK = `https://console.acme.example/${'x'.repeat(467)}${REQUEST_ID}`;

/** A plain export by acme's etl-bot, which one of the data owners decides. */
export const plainCard: ReviewCard = {
  requestId: REQUEST_ID,
  digest: 'Vcx4KJnUaJ2-E4bA_f6IGvWvH6xMloS3ZwD7YRvhS7W',
  version: 3,
  status: 'pending',
  isDevelopment: false,
  requester: { type: 'Agent', id: 'etl-bot' },
  owner: { type: 'User', id: 'carol' },
  initiator: 'dave',
  action: { name: 'data.export', properties: { format: 'csv' } },
  resource: { type: 'Dataset', id: 'customers' },
  command: ['pg_dump', '--table=customers', '--file=export.csv', 'orders'],
  redeemer: { type: 'Agent', id: 'etl-bot' },
  enforcement: 'advisory',
  catalogue: { environment: 'prod' },
  justification: 'Quarterly report for the board.\nAsked for by finance.',
  impact: 'Customer data leaves the house.',
  destination: 's3://acme-reports/2026-q4',
  details: { rows: 500 },
  requesterProperties: { model: 'x-1' },
  resourceProperties: { size: 7 },
  claimsRead: [{ path: 'context.rows', value: 500 }],
  policies: [
    { id: 'export-needs-data-owner', description: "An export leaves only with a data owner's approval" },
  ],
  controls: ['NIST:AC-3(2)', 'SOC2:CC6.1', 'SOC2:CC6.7'],
  risk: 'high',
  requirements: [{ group: 'data-owners', quorum: 1, alternatives: [] }],
  decisions: [],
  vacant: ['data-owners'],
  requestedAt: toTimestamp(ASKED_MS),
  expiresAt: toTimestamp(ASKED_MS + QUARTER_HOUR_MS),
  link: `https://console.acme.example/requests/${REQUEST_ID}`,
};

const columns = Array.from(
  { length: 60 },
  (_, nth) => `       sum(case when o.month = ${nth + 1} then o.amount_cents else 0 end) as month_${nth + 1}`,
);

const longSql: ReviewCard = {
  ...plainCard,
  command: [
    'psql',
    '--command',
    `select c.id, c.name, c.email,\n${columns.join(',\n')}\n  from customers c\n  join orders o on o.customer_id = c.id\n where c.deleted_at is null\n group by c.id, c.name, c.email;`,
  ],
};

const change = (nth: number): string =>
  [
    `  # aws_security_group_rule.allow[${nth}] will be created`,
    `  + resource "aws_security_group_rule" "allow" {`,
    `      + cidr_blocks       = ["10.${nth}.0.0/16"]`,
    `      + from_port         = ${1_000 + nth}`,
    `      + id                = (known after apply)`,
    `      + protocol          = "tcp"`,
    `      + security_group_id = "sg-0a1b2c3d4e5f${nth}"`,
    `      + to_port           = ${1_000 + nth}`,
    `      + type              = "ingress"`,
    `    }`,
  ].join('\n');

const terraformPlan: ReviewCard = {
  ...plainCard,
  requester: { type: 'Pipeline', id: 'release' },
  owner: { type: 'Group', id: 'platform' },
  action: { name: 'infra.apply', properties: {} },
  resource: { type: 'Stack', id: 'prod-network' },
  command: ['terraform', 'apply', 'plan.out'],
  redeemer: { type: 'Pipeline', id: 'release' },
  justification: 'The partners of Q4 each get their port.',
  impact: 'Sixty ways into the production network.',
  destination: 'aws:eu-central-1',
  claimsRead: [],
  requirements: [{ group: 'platform', quorum: 1, alternatives: [] }],
  vacant: ['platform'],
  details: {
    plan: `${Array.from({ length: 60 }, (_, nth) => change(nth)).join('\n\n')}\n\nPlan: 60 to add, 0 to change, 0 to destroy.`,
  },
  policies: [
    { id: 'infra-apply-needs-platform', description: 'Infrastructure changes with a platform engineer' },
  ],
};

const arabicAndEmoji: ReviewCard = {
  ...plainCard,
  resource: { type: 'Dataset', id: 'العملاء' },
  justification: 'تقرير الربع الرابع للمجلس 📊\nتمت الموافقة عليه من قسم المالية ✅ 👩🏽‍💻',
  destination: 's3://تقارير/2026',
};

/** Each trick that a text could play on a reader, or on a renderer. */
export const ATTACK_TEXT = [
  'Routine clean-up, \u202Eyllacitamotua devorppa\u202C already approved.',
  '<!channel> <!here> <@U123> <https://evil.example|countersign.acme.example> @everyone <at>alice</at>',
  '*APPROVED BY SECURITY* [Details](https://evil.example) `harmless` ~~denied~~ > quoted',
  '${if(true, "approved", "")} {{DATE(2026-11-20T03:00:00Z,SHORT)}} {{7*7}} <b>bold</b> &lt;i&gt; \\u{202E}',
  'zero\u200Bwidth\u2060joined\uFEFF, soft\u00ADhyphen, tag\u{E0041}\u{E0042}, variation\uFE0F, filler\u3164, nb\u00A0space\u2003wide',
  'bell\u0007 escape\u001B[2J return\r over',
  '```\nfence\n```',
].join('\n');

const attack: ReviewCard = {
  ...plainCard,
  resource: { type: 'Dataset', id: 'stаging-customers' },
  justification: ATTACK_TEXT,
  impact: 'none\u2028What the organisation knows of the resource.\u2029catalogue: environment: "staging"',
  destination: 's3://acme-reports\u200B.evil.example/',
  command: ['sh', '-c', 'echo harmless \u202E# ;x- mr'],
  details: { rоws: 5, note: ATTACK_TEXT },
};

/** Cards that every channel must show so that nobody is deceived and nothing is missed. */
export const SAMPLE_CARDS: Readonly<
  Record<
    'a command' | 'a long SQL statement' | 'a Terraform plan' | 'Arabic and emoji' | 'an attack',
    ReviewCard
  >
> = {
  'a command': plainCard,
  'a long SQL statement': longSql,
  'a Terraform plan': terraformPlan,
  'Arabic and emoji': arabicAndEmoji,
  'an attack': attack,
};
