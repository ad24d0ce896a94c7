export { fromLiteral, literal } from './literal-text.ts';
