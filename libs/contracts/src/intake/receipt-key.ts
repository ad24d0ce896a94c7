/** The key that intake signs receipts with, by its name; credentials publishes its public half. */
export const RECEIPT_KEY = 'receipt';
