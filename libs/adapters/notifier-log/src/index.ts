export { LogNotifier } from './log-notifier.ts';
