#include "http/router.h"

#include <array>
#include <cstdlib>
#include <map>

#include "base/log.h"

namespace vestibule::http {
namespace {

constexpr std::array kMethods = {Method::kGet,   Method::kHead,   Method::kPost,   Method::kPut,
                                 Method::kPatch, Method::kDelete, Method::kOptions};

[[noreturn]] void mistake(Method method, std::string_view pattern, std::string_view what) {
  logEvent(events::kBadRoute,
           {{"method", methodName(method)}, {"route", pattern}, {"reason", what}});
  std::abort();
}

/// Takes the first segment off a path that begins with a slash.
std::string_view takeSegment(std::string_view& path) {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

/// One segment of the paths that share the segments before it.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> placeholder;
  std::array<const Route*, kMethods.size()> routes{};

  [[nodiscard]] const Route* route(Method method) const {
    return routes[static_cast<std::size_t>(method)];
  }
  [[nodiscard]] bool isEnd() const {
    return std::any_of(routes.begin(), routes.end(), [](const Route* r) { return r != nullptr; });
  }
  [[nodiscard]] std::string allow() const;
  const Node* find(std::string_view rest, std::vector<std::string_view>& values) const;
};

std::string Router::Node::allow() const {
  std::string methods;
  for (const auto method : kMethods) {
    const bool taken = route(method) != nullptr || method == Method::kOptions ||
                       (method == Method::kHead && route(Method::kGet) != nullptr);
    if (!taken) continue;
    if (!methods.empty()) methods += ", ";
    methods += methodName(method);
  }
  return methods;
}

/// The node of the whole path, literals before placeholders; null when there is none. The depth of
/// the recursion is that of the longest pattern.
const Router::Node* Router::Node::find(std::string_view rest,
                                       std::vector<std::string_view>& values) const {
  if (rest.empty()) return isEnd() ? this : nullptr;
  const auto segment = takeSegment(rest);
  if (const auto literal = literals.find(segment); literal != literals.end()) {
    if (const auto* found = literal->second->find(rest, values)) return found;
  }
  if (!placeholder) return nullptr;
  values.push_back(segment);
  if (const auto* found = placeholder->find(rest, values)) return found;
  values.pop_back();
  return nullptr;
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  if (!pattern.starts_with('/') || (pattern.size() > 1 && pattern.ends_with('/'))) {
    mistake(method, pattern, "not a canonical path");
  }
  auto route = std::make_unique<Route>();
  Node* node = root_.get();
  for (std::string_view rest = pattern == "/" ? "" : pattern; !rest.empty();) {
    const auto segment = takeSegment(rest);
    if (segment.empty()) mistake(method, pattern, "empty segment");
    std::unique_ptr<Node>* child = nullptr;
    if (segment.starts_with('{') && segment.ends_with('}')) {
      route->parameter_names.emplace_back(segment.substr(1, segment.size() - 2));
      child = &node->placeholder;
    } else {
      child = &node->literals[std::string(segment)];
    }
    if (!*child) *child = std::make_unique<Node>();
    node = child->get();
  }
  auto& place = node->routes[static_cast<std::size_t>(method)];
  if (place != nullptr) mistake(method, pattern, "added twice");
  route->method = method;
  route->pattern = pattern;
  route->route_class = routeClassOf(method, pattern);
  route->handler = std::move(handler);
  route->options = std::move(options);
  place = route.get();
  routes_.push_back(std::move(route));
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  if (path == "*") {  // RFC 9110 §9.3.7: OPTIONS of the server as a whole
    if (method == Method::kOptions) {
      match.allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    }
    return match;
  }
  std::vector<std::string_view> values;
  const auto* node = root_->find(path == "/" ? "" : path, values);
  if (node == nullptr) return match;
  match.route = node->route(method);
  if (match.route == nullptr && method == Method::kHead) match.route = node->route(Method::kGet);
  if (match.route == nullptr) {
    match.allow = node->allow();
    return match;
  }
  match.parameters.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    match.parameters.emplace_back(match.route->parameter_names[i], std::string(values[i]));
  }
  return match;
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> all;
  all.reserve(routes_.size());
  for (const auto& route : routes_) all.push_back(route.get());
  return all;
}

}  // namespace vestibule::http
