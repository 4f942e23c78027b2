#pragma once
// HTTP/1.1 framing (RFC 9112): bytes in, complete requests or a refusal out. It knows no socket and
// no clock.
//
// Boost.Beast's parser does the parsing proper. Where the RFC leaves a server the choice, or where
// two parsers could read the same bytes differently, this framer is the stricter of the two: a
// request whose end is in any doubt is refused.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/refusal.h"

namespace vestibule::http {

/// How large the parts of a request may be, in bytes unless said otherwise.
struct FramingLimits {
  /// Beyond: 414. Room for the longest filter with every byte of it percent-encoded.
  std::size_t request_line = std::size_t{16} * 1024;
  std::size_t header_bytes = std::size_t{16} * 1024;  ///< all header fields together; beyond: 431
  std::size_t header_fields = 64;                     ///< number of fields; beyond: 431
  std::size_t body =
      std::size_t{1024} * 1024;  ///< beyond: 413, before it is read where its length is announced
};

/// The most bytes a body sent to this raw target may have, or nothing when no handler takes such a
/// request: then its body is not read. Asked once for each request that has a body.
using BodyLimit = std::function<std::optional<std::size_t>(Method method, std::string_view target)>;

/// A request as it came off the wire. `request.path`, `.query`, `.parameters` and `.peer` are still
/// empty.
struct FramedRequest {
  Request request;
  std::string target;       ///< the request target, raw
  bool http10 = false;      ///< the client speaks HTTP/1.0
  bool keep_alive = false;  ///< the client wants to send more requests after this one, and they
                            ///< can be read
};

/// Cuts the byte stream of one connection into requests. Not thread-safe.
class Framer {
 public:
  enum class Progress {
    kNeedMore,  ///< no complete request yet
    kComplete,  ///< `take` has a request
    kRefused,   ///< `refusal` says why; the rest of the stream cannot be read and the connection
                ///< must end
  };

  /// `body_limit` may be empty: then `limits.body` holds for every request.
  explicit Framer(const FramingLimits& limits, BodyLimit body_limit = {});
  ~Framer();
  Framer(const Framer&) = delete;
  Framer& operator=(const Framer&) = delete;

  /// Adds bytes of the client.
  void append(std::string_view bytes);

  /// Reads on in what has been appended. Costs time in proportion to the bytes not looked at
  /// before. Refuses with: 400 (bad syntax or ambiguous length), 413, 414, 417 (an expectation
  /// other than 100-continue), 431, 501 (unknown method or transfer coding), 505 (other HTTP
  /// versions).
  [[nodiscard]] Progress next();

  /// The complete request; bytes after it stay for the next one. Only after `next` said kComplete.
  /// Behind a request whose body is not read nothing can be read either: then `keep_alive` is
  /// false, and `next` refuses what follows.
  [[nodiscard]] FramedRequest take();

  /// Only after `next` said kRefused.
  [[nodiscard]] const Refusal& refusal() const;

  /// True while at least one byte of an unfinished request has come.
  [[nodiscard]] bool inRequest() const;
  /// True while the header of an unfinished request is complete and its body is not.
  [[nodiscard]] bool inBody() const;
  /// True once for a request whose client waits for `100 Continue` before it sends the body.
  [[nodiscard]] bool takeContinue();

  /// Bytes appended and not yet part of a request.
  [[nodiscard]] std::size_t backlog() const;
  /// Bytes kept in memory: what has been appended and not dropped yet, and the unfinished body.
  [[nodiscard]] std::size_t held() const;
  /// Bytes of the unfinished body that have come.
  [[nodiscard]] std::size_t bodySize() const;
  /// Bytes of memory set aside for what is appended. Stays small between two requests.
  [[nodiscard]] std::size_t reserved() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace vestibule::http
