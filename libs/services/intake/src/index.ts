export { intakeModule } from './intake-module.ts';
export { RECEIPT_AUDIENCE, RECEIPT_ISSUER, RECEIPT_TYP } from './receipts/announce-receipt.ts';
