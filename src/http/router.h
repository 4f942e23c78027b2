#pragma once
// The table of routes: which handler answers which method on which path.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"
#include "http/route_class.h"

namespace vestibule::http {

/// Answers one request. Called on a worker thread, by several threads at once. What it throws
/// becomes a 500.
using Handler = std::function<Response(const Request&)>;

class Parked;

/// Lets a request wait: the handler runs as soon as what is passed in is destroyed. Called on a
/// worker thread.
using Park = std::function<void(const Request&, std::unique_ptr<Parked>)>;

/// What a route may ask for.
struct RouteOptions {
  /// Run on the I/O thread: only for handlers that never wait and take microseconds, such as a
  /// liveness check.
  bool run_inline = false;
  /// Asked on the I/O thread before the request goes to a worker: an answer that is at hand, or
  /// nothing. As quick as an inline handler, and called by several threads at once. May be null.
  std::function<std::optional<Response>(const Request&)> answer_at_hand = nullptr;
  /// Called before the handler. May be null.
  Park park = nullptr;
  /// The most bytes of a body; 0 for the limit of the server.
  std::size_t body_limit = 0;
};

/// One row of the table.
struct Route {
  Method method = Method::kGet;
  std::string pattern;
  Handler handler;
  RouteOptions options;
  RouteClass route_class = RouteClass::kNone;  ///< by which its requests are counted
  std::vector<std::string> parameter_names;    ///< of the `{name}` segments, in order
};

/// Built once at start, read by all threads afterwards.
class Router {
 public:
  /// What `find` found out about a path.
  struct Match {
    /// The route to run. Null when the path is unknown, when it does not take the method, and for
    /// an OPTIONS request that no route answers itself.
    const Route* route = nullptr;
    /// The methods the path takes, as the Allow field wants them; empty for an unknown path.
    std::string allow;
    /// Values of the `{name}` segments.
    std::vector<std::pair<std::string, std::string>> parameters;
  };

  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// Adds a route. `pattern` is a canonical path in which a segment `{name}` stands for any one
  /// segment. A segment that is spelt out is preferred to a `{name}`, and the first segments decide
  /// first. A GET route answers HEAD as well. Aborts the process on a malformed pattern or a route
  /// that is there already: both are mistakes in the program.
  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

  /// Answers a path that no route takes; nothing: an ordinary 404. Called on the I/O thread, for
  /// any method and before anybody is authenticated.
  using Stray = std::function<std::optional<Response>(std::string_view path)>;
  void answerStrays(Stray stray) { stray_ = std::move(stray); }

  /// What answerStrays was given for this path; nothing without it.
  [[nodiscard]] std::optional<Response> strayAnswer(std::string_view path) const {
    return stray_ ? stray_(path) : std::nullopt;
  }

  /// Looks a canonical path up, in time proportional to its length. `allow` is filled only when
  /// `route` is null.
  [[nodiscard]] Match find(Method method, std::string_view path) const;

  /// Every route, in the order of their adding.
  [[nodiscard]] std::vector<const Route*> routes() const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
  Stray stray_;
};

}  // namespace vestibule::http
