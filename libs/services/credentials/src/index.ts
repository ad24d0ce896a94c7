export { credentialsModule } from './credentials-module.ts';
