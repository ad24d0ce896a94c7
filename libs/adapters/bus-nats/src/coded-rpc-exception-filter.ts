import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Lets errors of message handlers through to {@link NatsStrategy} as they are. Nest's own filter turns
 * everything but its `RpcException` into one sentence, and the code that callers decide by would be lost.
 * Register it with `useGlobalFilters` on the microservice; without it every error is `internal_error`.
 */
@Catch()
export class CodedRpcExceptionFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
