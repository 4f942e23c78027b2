#pragma once
// One HTTP exchange as plain data: what the APIs get and what they give. Nothing here knows a
// socket.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vestibule::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

/// The method's name on the wire.
[[nodiscard]] std::string_view methodName(Method method);

/// Header fields in the order they came. Names have no case.
class Headers {
 public:
  /// Makes room for this many fields.
  void reserve(std::size_t count) { fields_.reserve(count); }
  void add(std::string_view name, std::string value);
  /// Replaces every field of this name by one.
  void set(std::string_view name, std::string value);
  /// The first value of this name, or nothing.
  [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;
  /// How many fields have this name: two Authorization fields are one too many.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// All values of this name joined by ", ", as RFC 9110 §5.3 allows; empty when there is none.
  [[nodiscard]] std::string joined(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request, complete and framed. `path` is percent-decoded once and canonical: it starts with
/// `/`, has no empty, `.` or `..` segment, and no trailing slash but for the root. Query parameters
/// keep order and duplicates; `+` is a space in them.
struct Request {
  Method method = Method::kGet;
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  Headers headers;
  std::string body;
  /// The address of the client, for the log.
  std::string peer;
  /// It came by TLS.
  bool secure = false;
  /// Filled by the dispatcher: by which the request is found in answer, log and audit.
  std::string correlation_id;
  /// Filled by the dispatcher: the pattern of the route, for the log. Lives as long as the router.
  std::string_view route;
  /// Filled by the router: the values of the `{name}` segments of the route, decoded.
  std::vector<std::pair<std::string, std::string>> parameters;

  /// The value of a `{name}` segment; empty when the route has none of that name.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
  /// The first query parameter of this name in any ASCII case (Entra sends `startindex`), or
  /// nothing.
  [[nodiscard]] std::optional<std::string_view> queryValue(std::string_view name) const;
};

/// Gives the next piece of a body that is too large to be made at once; an empty piece ends it. An
/// error cuts the connection, so that the client knows that the body is not complete. Called on
/// worker threads, once at a time and only when the client has taken what came before.
using BodySource = std::function<Result<std::string>()>;

/// An answer. Content-Length, Connection and Date are the connection's business; HEAD, 204 and 304
/// never carry the body.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// What follows `body`; null when nothing does.
  BodySource rest;
};

/// The standard reason phrase, "Unknown" for a status without one.
[[nodiscard]] std::string_view reasonPhrase(int status);

}  // namespace vestibule::http
