#pragma once
// A Response as the bytes of an HTTP/1.1 answer (RFC 9112).

#include <string>

#include "http/exchange.h"

namespace vestibule::http {

/// What the request and its connection say about the form of the answer.
struct AnswerForm {
  bool keep_alive = false;  ///< the connection stays open after this answer
  bool http10 = false;      ///< the client speaks HTTP/1.0 and must be told of keep-alive
  bool streamed = false;    ///< the body comes in pieces and its length is not known: in chunks, or
                            ///< to an HTTP/1.0 client up to the end of the connection
  bool head = false;  ///< the request was HEAD: the length of the body is sent, the body is not
  bool dated = true;  ///< false leaves Date out of an answer that is made once and sent much later
};

/// An answer in two pieces, so that a large body is moved to the socket and never copied.
struct AnswerBytes {
  std::string head;
  std::string body;

  [[nodiscard]] std::size_t size() const { return head.size() + body.size(); }
};

/// The whole answer without its `rest`, ready to be sent, at the cost of its head alone. Adds Date,
/// Content-Length (not for 204 and 304) or Transfer-Encoding, Connection where it is needed, and
/// `Cache-Control: no-store` and `X-Content-Type-Options: nosniff` unless they are set. Fields that
/// are the connection's business (Connection, Content-Length, Date, Keep-Alive, Transfer-Encoding,
/// Upgrade) are not taken from the response.
///
/// Nothing in a header can break out of its line: control characters in a value become spaces (RFC
/// 9110 §5.5), and a field whose name is no token is left out. A status outside 200 to 599 is a
/// mistake of the handler and becomes a 500 without a body. Thread-safe.
[[nodiscard]] AnswerBytes serialize(Response response, const AnswerForm& form);

/// The next piece of a streamed body; an empty one is the end of it.
[[nodiscard]] AnswerBytes serializePiece(std::string piece, const AnswerForm& form);

/// The time as the Date field wants it (IMF-fixdate, RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37
/// GMT`.
[[nodiscard]] std::string httpDate(std::int64_t unix_seconds);

}  // namespace vestibule::http
