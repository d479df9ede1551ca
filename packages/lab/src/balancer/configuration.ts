/** HAProxy's configuration: it does to requests what an Application Load Balancer does (ELB guide). */

export interface ListenerSettings {
  readonly address: string;
  readonly port: number;
  readonly certificate: string;
  readonly socket: string;
}

export const backend = "targets";
/** The servers are there from the start; who is behind each is said over the socket. */
export const mostTargets = 100;

/** Milliseconds. */
const connectTimeout = 10_000;
const prefix = "target";
export const slotName = (slot: number): string => `${prefix}${slot}`;

/**
 * Of ALB ("Troubleshoot your Application Load Balancers"): 503 without registered targets; 502 when the target refuses the
 * connection, resets it, or when the deregistration delay ends before the answer; 504 when it does not take the connection
 * within 10 s, or is silent for the idle timeout. HAProxy says 503 of each connection that fails, and 502 and 504 like ALB
 * of the others.
 */
export const configurationText = ({ address, port, certificate, socket }: ListenerSettings): string => `global
  stats socket ${socket} mode 600 level admin
  # One that was forgotten would take a part of the connections.
  noreuseport
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect ${connectTimeout}ms
  # The idle timeout of an ALB is 60 s unless it is set.
  timeout client 60s
  timeout server 60s
  # A request is tried once, on one target.
  retries 0
frontend listener
  bind ${address}:${port} ssl crt ${certificate} alpn h2,http/1.1
  option forwardfor
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Port %[dst_port]
  default_backend ${backend}
backend ${backend}
  balance roundrobin
  http-request return status 503 content-type text/plain string "No target is registered." if { nbsrv eq 0 }
  http-request set-var(txn.sent) date(0,ms)
  http-response set-var(txn.answered) bool(true)
  acl unconnected status 503
  acl sent var(txn.sent) -m found
  acl answered var(txn.answered) -m found
  acl silent date(0,ms),sub(txn.sent) ge ${connectTimeout}
  http-error status 503 content-type text/plain string "The target did not take the connection."
  http-after-response set-status 504 if unconnected sent !answered silent
  http-after-response set-status 502 if unconnected sent !answered !silent
  server-template ${prefix} 1-${mostTargets} 127.0.0.1:1 disabled
`;
