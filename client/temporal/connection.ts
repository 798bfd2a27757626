import {
  InterceptingCall,
  ListenerBuilder,
  Metadata,
  RequesterBuilder,
  status,
  type Interceptor,
  type StatusObject,
} from '@grpc/grpc-js';
import {
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';

/** A connection that takes all its calls with it when it is closed. */
export interface OpenConnection {
  readonly connection: Connection;
  /** Cancels what is under way, long polls and pending retries included, then closes the connection. */
  readonly close: () => Promise<void>;
}

/**
 * Connects to a Temporal server. The SDK retries a call from a timer that nobody can stop; on a closed connection that
 * retry throws where nobody catches it, and the process dies before it has ended its worker. Here such a retry is
 * cancelled instead.
 * @throws what `Connection.connect` throws.
 */
export async function openConnection(options: ConnectionOptions): Promise<OpenConnection> {
  const calls = createOpenCalls();
  // The retries are outermost: each of their attempts passes our interceptor.
  const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), calls.interceptor];
  const connection = await Connection.connect({ ...options, interceptors });
  return {
    connection,
    close: async () => {
      calls.end();
      await connection.close();
    },
  };
}

function createOpenCalls() {
  const open = new Set<InterceptingCall>();
  let ended = false;
  const interceptor: Interceptor = (options, nextCall) => {
    if (ended) return cancelledCall();
    const requester = new RequesterBuilder()
      .withStart((metadata, _listener, next) => {
        open.add(call);
        const listener = new ListenerBuilder()
          .withOnReceiveStatus((received, pass) => {
            open.delete(call);
            pass(received);
          })
          .build();
        next(metadata, listener);
      })
      .build();
    const call = new InterceptingCall(nextCall(options), requester);
    return call;
  };
  return {
    interceptor,
    end() {
      ended = true;
      for (const call of open) call.cancelWithStatus(status.CANCELLED, closed.details);
    },
  };
}

const closed = { code: status.CANCELLED, details: 'the connection was closed' } as const;

/** A call that is cancelled before it is sent; CANCELLED is never retried. */
function cancelledCall(): InterceptingCall {
  const told: StatusObject = { ...closed, metadata: new Metadata() };
  return new InterceptingCall({
    start(_metadata, listener) {
      queueMicrotask(() => {
        listener?.onReceiveMessage?.(null);
        listener?.onReceiveStatus?.(told);
      });
    },
    cancelWithStatus() {},
    getPeer: () => '',
    sendMessage() {},
    sendMessageWithContext() {},
    startRead() {},
    halfClose() {},
    getAuthContext: () => null,
  });
}
