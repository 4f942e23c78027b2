#pragma once
// Every event of the log. docs/logs.md says the same for people, and what to do; a test holds both
// together, and the fields that callers give.

#include <cstdint>
#include <string_view>

namespace vestibule {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kCritical };

/// One kind of line of the log.
struct LogEvent {
  std::string_view name;  ///< `database.migrated`; never used for anything else again
  LogLevel level;         ///< where lines may have another: the highest
  std::string_view text;  ///< `{field}` stands for the value of that field
};

namespace events {

// Start and stop.
inline constexpr LogEvent kServerStarted{
    "server.started", LogLevel::kInfo,
    "serving SCIM on {public_url} and JIT and administration on {internal_url}"};
inline constexpr LogEvent kServerClientCertificates{
    "server.client_certificates", LogLevel::kInfo,
    "clients of {internal_url} need a certificate of {file}"};
inline constexpr LogEvent kServerFewDescriptors{
    "server.few_descriptors", LogLevel::kWarn,
    "the process may open {descriptors} files, so each address takes {connections} connections "
    "instead of {wanted}: raise its limit (ulimit -n, LimitNOFILE=)"};
inline constexpr LogEvent kServerNoPublicUrl{
    "server.no_public_url", LogLevel::kWarn,
    "server.public_url is not set: locations in answers name this machine as the request's Host "
    "header does"};
inline constexpr LogEvent kServerStopping{"server.stopping", LogLevel::kInfo,
                                          "stopping: signal {signal}"};
inline constexpr LogEvent kServerUndrained{
    "server.undrained", LogLevel::kWarn,
    "some requests were still running after {seconds} seconds and get no answer"};
inline constexpr LogEvent kServerSocketsLeft{"server.sockets_left", LogLevel::kWarn,
                                             "the I/O threads end while sockets are still open"};
inline constexpr LogEvent kServerStopped{"server.stopped", LogLevel::kInfo, "stopped"};
inline constexpr LogEvent kCertificateWarning{"tls.certificate_warning", LogLevel::kWarn,
                                              "{address}: {reason}"};
inline constexpr LogEvent kCertificateRead{"tls.certificate_read", LogLevel::kInfo,
                                           "{address}: the certificate was read again"};
inline constexpr LogEvent kCertificateNotRead{
    "tls.certificate_not_read", LogLevel::kError,
    "{address}: the certificate is not renewed: {reason}"};

// The database, and the private one.
inline constexpr LogEvent kDatabaseOpened{"database.opened", LogLevel::kInfo, "database {version}"};
inline constexpr LogEvent kDatabaseFinding{"database.finding", LogLevel::kWarn, "{reason}"};
inline constexpr LogEvent kDatabaseMigrating{"database.migrating", LogLevel::kInfo,
                                             "migrating: {step}"};
inline constexpr LogEvent kDatabaseMigrated{"database.migrated", LogLevel::kInfo,
                                            "migrated: {step}"};
inline constexpr LogEvent kPrivateMaking{"private_database.making", LogLevel::kInfo,
                                         "making a private database in {folder}"};
inline constexpr LogEvent kPrivateLeftover{"private_database.leftover", LogLevel::kInfo,
                                           "removing {folder}, left by an interrupted start"};
inline constexpr LogEvent kPrivateWaiting{
    "private_database.waiting", LogLevel::kInfo,
    "waiting for the database server of an earlier run (process {process}) to end"};
inline constexpr LogEvent kPrivateStarting{
    "private_database.starting", LogLevel::kInfo,
    "the private database is still starting after {seconds} s; its log is {file}"};
inline constexpr LogEvent kPrivateServes{
    "private_database.serves", LogLevel::kInfo,
    "the private database serves {socket} (process {process})"};
inline constexpr LogEvent kPrivateEnded{"private_database.ended", LogLevel::kError,
                                        "{reason}; it is started again in {milliseconds} ms"};
inline constexpr LogEvent kPrivateKilled{
    "private_database.killed", LogLevel::kWarn,
    "the private database (process {process}) did not stop in {milliseconds} ms and is killed"};
inline constexpr LogEvent kPrivateLogKept{"private_database.log_not_rotated", LogLevel::kWarn,
                                          "{file} cannot be rotated: {reason}"};
inline constexpr LogEvent kLockFileUnwritten{"lock_file.not_written", LogLevel::kWarn,
                                             "a lock file cannot be written: {reason}"};

// Connections and requests.
inline constexpr LogEvent kAccess{"request.answered", LogLevel::kInfo,
                                  "{method} {route} {status} in {microseconds} us by {token_id}"};
inline constexpr LogEvent kListenerFailed{"listener.failed", LogLevel::kCritical,
                                          "the listener on port {port} cannot poll: {reason}"};
inline constexpr LogEvent kListenerPaused{"listener.paused", LogLevel::kWarn,
                                          "port {port} accepts no connections for now: {reason}"};
inline constexpr LogEvent kConnectionNotTaken{"connection.not_taken", LogLevel::kError,
                                              "a connection could not be taken in: {exception}"};
inline constexpr LogEvent kConnectionBroken{
    "connection.broken", LogLevel::kError,
    "a connection ended by an exception of type {exception}"};
inline constexpr LogEvent kTlsFailed{"tls.failed", LogLevel::kInfo,
                                     "TLS with a client in {network} failed: {reason}"};
inline constexpr LogEvent kAnswerCutOff{
    "answer.cut_off", LogLevel::kError,
    "an answer was cut off because the rest of it cannot be made: {reason}"};
inline constexpr LogEvent kHandlerThrew{"request.handler_threw", LogLevel::kError,
                                        "the handler of {method} {route} threw {exception}"};
inline constexpr LogEvent kJobThrew{"request.job_threw", LogLevel::kError,
                                    "a job ended by an exception of type {exception}"};
inline constexpr LogEvent kNotParked{"request.not_parked", LogLevel::kError,
                                     "a request of {route} could not wait"};
inline constexpr LogEvent kRefusalUnmade{"request.refusal_unmade", LogLevel::kError,
                                         "the answer to a refusal could not be made"};
inline constexpr LogEvent kBadStatus{"request.bad_status", LogLevel::kError,
                                     "a handler answered with the status {status}"};
inline constexpr LogEvent kBadField{"request.bad_field", LogLevel::kError,
                                    "a handler set a header field whose name is no token: {field}"};
inline constexpr LogEvent kBadRoute{"program.bad_route", LogLevel::kCritical,
                                    "route {method} {route}: {reason}"};
inline constexpr LogEvent kRequestFailed{"request.failed", LogLevel::kError,
                                         "internal error {error_id}: {reason}"};
inline constexpr LogEvent kRequestHindered{"request.hindered", LogLevel::kWarn, "{kind}: {reason}"};
inline constexpr LogEvent kTolerancesFired{
    "tolerances.fired", LogLevel::kWarn,
    "tolerances={tolerances} token={token} token_id={token_id} method={method} route={route}"};
inline constexpr LogEvent kAttributesIgnored{"attributes.ignored", LogLevel::kInfo,
                                             "ignored by tolerance: {attributes}"};
inline constexpr LogEvent kGroupEmptied{
    "group.emptied", LogLevel::kWarn,
    "group={group} token_id={token_id}: all members were removed without naming any"};
inline constexpr LogEvent kBulkNotUndone{"bulk.not_undone", LogLevel::kWarn,
                                         "a bulk could not take {resource} back: {reason}"};

// Logins.
inline constexpr LogEvent kLoginDecided{"login.decided", LogLevel::kDebug, "login {outcome}"};
inline constexpr LogEvent kLoginRefused{"login.refused", LogLevel::kInfo, "login {code}: {title}"};
inline constexpr LogEvent kLoginFailed{"login.failed", LogLevel::kError, "login {code}: {reason}"};
inline constexpr LogEvent kRefusalUnstored{"login.refusal_not_stored", LogLevel::kError,
                                           "the row of a refusal was not stored: {reason}"};
inline constexpr LogEvent kOperationPostponed{
    "operation.postponed", LogLevel::kWarn,
    "operation {operation}, attempt {attempt} of {attempts}: {code}; again in {milliseconds} ms"};
inline constexpr LogEvent kOperationDead{
    "operation.dead", LogLevel::kError,
    "operation {operation} is dead after {attempts} attempts: {code}"};
inline constexpr LogEvent kOperationUnsettled{"operation.not_settled", LogLevel::kError,
                                              "operation {operation} could not be {end}: {reason}"};
inline constexpr LogEvent kOperationLost{
    "operation.lease_lost", LogLevel::kWarn,
    "the lease of operation {operation} ended before the operation did"};
inline constexpr LogEvent kOperationUnreadable{"operation.unreadable", LogLevel::kError,
                                               "operation {operation} cannot be read: {reason}"};
inline constexpr LogEvent kOperationsLeft{
    "operations.left", LogLevel::kWarn,
    "{number} queued operations wait for the end of their lease: {reason}"};
inline constexpr LogEvent kOperationsRequeued{
    "operations.requeued", LogLevel::kWarn,
    "{number} operations of a server that has stopped are queued again"};
inline constexpr LogEvent kOperationsUnreadable{"operations.unreadable", LogLevel::kError,
                                                "the queue of provisions cannot be read: {reason}"};
inline constexpr LogEvent kOperationsReadable{"operations.readable", LogLevel::kInfo,
                                              "the queue of provisions can be read again"};
// Outbound provisioning.
inline constexpr LogEvent kOutboundTargetUnusable{
    "outbound.target_unusable", LogLevel::kError,
    "outbound target {target}: its stored settings cannot be used: {reason}"};
inline constexpr LogEvent kOutboundTargetAway{
    "outbound.target_away", LogLevel::kWarn,
    "outbound target {target} rests, and is tried again by and by: {reason}"};
inline constexpr LogEvent kOutboundTargetBack{"outbound.target_back", LogLevel::kInfo,
                                              "outbound target {target} takes changes again"};
inline constexpr LogEvent kOutboundFailed{
    "outbound.failed", LogLevel::kWarn,
    "outbound target {target} does not take {resource}: {reason}"};
inline constexpr LogEvent kOutboundUnreadable{
    "outbound.unreadable", LogLevel::kError,
    "what outbound target {target} has to be sent cannot be read or noted: {reason}"};
inline constexpr LogEvent kOutboundReadable{
    "outbound.readable", LogLevel::kInfo,
    "what outbound target {target} has to be sent can be read again"};
inline constexpr LogEvent kOutboundNotForgotten{
    "outbound.not_forgotten", LogLevel::kWarn,
    "what is remembered of deleted outbound targets cannot be removed: {reason}"};
inline constexpr LogEvent kOutboundNoThread{
    "outbound.no_thread", LogLevel::kError,
    "outbound target {target} gets nothing: no more threads can be started: {reason}"};
inline constexpr LogEvent kWaitsUnread{"operations.ends_unread", LogLevel::kDebug,
                                       "ends of operations cannot be read: {reason}"};
inline constexpr LogEvent kFormForged{"prompt.form_refused", LogLevel::kInfo,
                                      "a form that is not of the prompt's page was refused"};
inline constexpr LogEvent kPromptFailed{"prompt.failed", LogLevel::kError, "prompt: {reason}"};
inline constexpr LogEvent kThemeUnread{"prompt.theme_not_read", LogLevel::kError,
                                       "{reason}; the theme stays as it was"};
inline constexpr LogEvent kKeysRead{"keys.read", LogLevel::kInfo,
                                    "keys of {source}: {keys} to use{left_out}"};
inline constexpr LogEvent kKeysUnread{"keys.unread", LogLevel::kWarn,
                                      "keys of {source} cannot be read: {reason}; {kept}"};
inline constexpr LogEvent kKeysNoThread{"keys.no_thread", LogLevel::kWarn,
                                        "keys of {source}: no thread to read them: {reason}"};

// Administration and housekeeping.
inline constexpr LogEvent kDomainCreated{"domain.created", LogLevel::kInfo,
                                         "domain {domain} created"};
inline constexpr LogEvent kDomainDeleted{"domain.deleted", LogLevel::kInfo,
                                         "domain {domain} deleted"};
inline constexpr LogEvent kDomainBadSetting{"domain.bad_setting", LogLevel::kError,
                                            "domain {domain}: {setting} cannot be read"};
inline constexpr LogEvent kDomainClosed{
    "domain.closed", LogLevel::kError,
    "domain {domain} takes no writes: its stored settings cannot be used: {reason}"};
inline constexpr LogEvent kTokenNotAccepted{"token.not_accepted", LogLevel::kError,
                                            "token {token_id} is not accepted: {reason}"};
inline constexpr LogEvent kTokenIssuerNotAccepted{
    "token_issuer.not_accepted", LogLevel::kError,
    "access tokens of {token_issuer} are not accepted: {reason}"};
inline constexpr LogEvent kEventStreamNotServed{
    "event_stream.not_served", LogLevel::kError,
    "event stream {event_stream} is told of nothing: its stored settings cannot be used: "
    "{reason}"};
inline constexpr LogEvent kEventReceiverFails{"event_stream.receiver_fails", LogLevel::kWarn,
                                              "event stream {event_stream}: events wait: {reason}"};
inline constexpr LogEvent kEventDead{
    "event_stream.event_dead", LogLevel::kError,
    "event stream {event_stream}: an event is not sent again by itself ({code}): {reason}"};
inline constexpr LogEvent kEventsDropped{
    "event_stream.events_dropped", LogLevel::kError,
    "event stream {event_stream}: {number} events are removed, too old, before the receiver had "
    "them"};
inline constexpr LogEvent kEventsUnreadable{"events.unreadable", LogLevel::kWarn,
                                            "events wait, the database is away: {reason}"};
inline constexpr LogEvent kEventWaitsUnread{
    "events.waits_unread", LogLevel::kWarn,
    "whether there are events for receivers that wait could not be read: {reason}"};
inline constexpr LogEvent kEventsReadable{"events.readable", LogLevel::kInfo,
                                          "events go on: the database is back"};
inline constexpr LogEvent kTokenUsesNotNoted{"token.uses_not_noted", LogLevel::kDebug,
                                             "uses of tokens could not be noted: {reason}"};
inline constexpr LogEvent kGuardRailReached{
    "guard_rail.reached", LogLevel::kWarn,
    "domain {domain}: the guard-rail for {kind} stops {actor} {actor_id} ({actor_name}), of {cap} "
    "{used} are used until {window_ends}"};
inline constexpr LogEvent kGuardRailNotNoted{
    "guard_rail.not_noted", LogLevel::kError,
    "domain {domain}: a refusal of the guard-rail for {kind} was not noted: {reason}"};
inline constexpr LogEvent kCatalogUnread{"catalog.unread", LogLevel::kWarn,
                                         "the catalog changed but could not be read: {reason}"};
inline constexpr LogEvent kRetentionDone{
    "retention.done", LogLevel::kInfo,
    "removed {events} events and {traces} traces of the audit and {prompts} prompts that were too "
    "old"};
inline constexpr LogEvent kRetentionFailed{
    "retention.failed", LogLevel::kWarn,
    "old rows of the audit and of prompts could not be removed: {reason}"};

}  // namespace events
}  // namespace vestibule
