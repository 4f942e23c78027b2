#pragma once
// An event stream: one receiver of security events (RFC 8417, RFC 9967) and what it is told.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "json/value.h"
#include "store/announcement.h"
#include "store/event_stream_store.h"

namespace vestibule::directory {

/// How events get to the receiver.
enum class StreamKind : std::uint8_t {
  kPush,     ///< we send each as a signed token (RFC 8935)
  kPoll,     ///< it fetches signed tokens (RFC 8936)
  kWebhook,  ///< we send each as JSON with an HMAC over it
};

/// The settings of a stream, ready for use. Immutable.
struct EventStream {
  std::string name;
  StreamKind kind = StreamKind::kPush;
  bool paused = false;  ///< events are kept, and nothing is sent
  std::string description;
  store::ChangeKinds kinds = 0;  ///< those it wants to know of
  bool full = false;             ///< events carry values, else names of attributes
  std::vector<std::string> audiences;
  std::vector<std::string> pollers;  ///< names of the tokens that may fetch; only with kPoll
  std::string url;                   ///< empty for kPoll
  std::string ca_file;
  bool allow_http = false;
  std::uint32_t attempts = 0;             ///< answers that refuse an event before it is dead
  std::vector<std::string> domain_names;  ///< as the document has them
  bool all_domains = true;
  /// The settings in canonical form, with every default written out and without secrets.
  json::Object document;

  // Of the row that it was compiled from.
  store::EventStreamNumber number = 0;
  Version version;
  std::vector<DomainNumber> domains;             ///< when not all
  std::shared_ptr<const Secret> authorization;   ///< null: none
  std::shared_ptr<const Secret> signing_secret;  ///< null: none

  /// Of these changes in the domain those it wants to know of.
  [[nodiscard]] store::ChangeKinds wanted(DomainNumber domain, store::ChangeKinds changes) const;
};

/// What a document says of the secrets of a stream, which are never shown.
struct StreamSecrets {
  std::optional<std::string> authorization;
  std::optional<std::string> signing_secret;
};

/// Reads the settings of a stream (docs/events.md has them all). Error kInvalidValue with a JSON
/// pointer and the reason for the first thing that is wrong. Which domains there are is not looked
/// at, and neither is whether there is a secret.
[[nodiscard]] Result<EventStream> compileEventStream(const json::Value& document);

/// Reads `authorization` and `secret` of the same document; nothing where it has none. Error as
/// above.
[[nodiscard]] Result<StreamSecrets> readStreamSecrets(const json::Object& document);

/// The stream that the row holds. Errors of compileEventStream.
[[nodiscard]] Result<EventStream> streamOfRow(const store::EventStreamRow& row);

}  // namespace vestibule::directory
