#pragma once
// A SCIM service in memory, as far as an outbound target needs one.

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/parse.h"
#include "json/write.h"
#include "outbound/remote.h"

namespace vestibule::outbound::test {

/// Thread-safe.
class MemoryService {
 public:
  static constexpr const char* kBase = "https://remote.example";

  [[nodiscard]] Transport transport() {
    return [this](const RemoteRequest& request) { return take(request); };
  }

  /// Answers every request so, until it is taken back by 0.
  void answerAll(int status, std::string body = "") {
    const std::lock_guard lock(mutex_);
    forced_ = status;
    forced_body_ = std::move(body);
  }
  /// Called in front of every request, on the thread that sends it.
  void before(std::function<void(const RemoteRequest&)> call) {
    const std::lock_guard lock(mutex_);
    before_ = std::move(call);
  }
  /// Gives no answer to a request with this text in its URL or body.
  void silentFor(std::string text) {
    const std::lock_guard lock(mutex_);
    silent_for_ = std::move(text);
  }
  /// Somebody else removes a user there.
  void erase(const std::string& id) {
    const std::lock_guard lock(mutex_);
    users_.erase(id);
  }
  /// Somebody else makes a user there.
  std::string add(const std::string& user_name) {
    const std::lock_guard lock(mutex_);
    return make(users_, "u", {{"userName", user_name}});
  }

  /// `userName` of every user, with `!` in front of one that is not active.
  [[nodiscard]] std::vector<std::string> users() {
    const std::lock_guard lock(mutex_);
    std::multiset<std::string> names;
    for (const auto& [id, user] : users_) names.insert(nameOf(user));
    return {names.begin(), names.end()};
  }
  /// `group: member, member` for every group, by names.
  [[nodiscard]] std::vector<std::string> groups() {
    const std::lock_guard lock(mutex_);
    std::set<std::string> lines;
    for (const auto& [id, group] : groups_) {
      std::set<std::string> names;
      for (const auto& member : members_[id]) {
        const auto found = users_.find(member);
        names.insert(found == users_.end() ? "?" : nameOf(found->second));
      }
      std::string line = std::string(*json::Value(group).stringAt("displayName")) + ":";
      for (const auto& name : names) line += " " + name;
      lines.insert(line);
    }
    return {lines.begin(), lines.end()};
  }
  [[nodiscard]] std::size_t requests() {
    const std::lock_guard lock(mutex_);
    return asked_.size();
  }
  /// Requests that got no answer by silentFor.
  [[nodiscard]] std::size_t unanswered() {
    const std::lock_guard lock(mutex_);
    return unanswered_;
  }
  [[nodiscard]] std::size_t requests(const std::string& method) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(asked_.begin(), asked_.end(),
                      [&](const std::string& line) { return line.rfind(method + " ", 0) == 0; }));
  }

 private:
  using Resources = std::map<std::string, json::Object>;

  static std::string nameOf(const json::Object& user) {
    const json::Value value(user);
    const bool active = value.boolAt("active").value_or(true);
    return (active ? "" : "!") + std::string(value.stringAt("userName").value_or(""));
  }

  static bool has(const RemoteRequest& request, const std::string& text) {
    return request.url.find(text) != std::string::npos ||
           request.body.find(text) != std::string::npos;
  }

  static RemoteAnswer answer(int status, const std::string& body = "") {
    RemoteAnswer made;
    made.status = status;
    made.body = body;
    return made;
  }

  std::string make(Resources& resources, const std::string& letter, json::Object resource) {
    const std::string id = letter + std::to_string(++made_);
    resource.set("id", id);
    resources[id] = std::move(resource);
    return id;
  }

  RemoteAnswer take(const RemoteRequest& request) {
    std::function<void(const RemoteRequest&)> before;
    {
      const std::lock_guard lock(mutex_);
      before = before_;
    }
    if (before) before(request);
    const std::lock_guard lock(mutex_);
    const std::string path = request.url.substr(std::string(kBase).size());
    asked_.push_back(request.method + " " + path);
    if (!silent_for_.empty() && has(request, silent_for_)) {
      ++unanswered_;
      return answer(0);
    }
    if (forced_ != 0) return answer(forced_ < 0 ? 0 : forced_, forced_body_);
    const bool is_user = path.rfind("/Users", 0) == 0;
    auto& resources = is_user ? users_ : groups_;
    const std::string key = is_user ? "userName" : "displayName";
    if (request.method == "GET" && path.find("?filter=") != std::string::npos) {
      return find(resources, key, path.substr(path.find("?filter=") + 8));
    }
    const std::string id = path.size() > 8 ? path.substr(path.rfind('/') + 1) : "";
    if (request.method == "POST") return create(resources, key, is_user ? "u" : "g", request.body);
    const auto found = resources.find(id);
    if (found == resources.end()) return answer(404);
    if (request.method == "GET") return answer(200, json::write(found->second));
    if (request.method == "DELETE") {
      resources.erase(found);
      members_.erase(id);
      for (auto& [group, members] : members_) members.erase(id);
      return answer(204);
    }
    const auto body = json::parse(request.body);
    if (request.method == "PUT") {
      found->second = *body->object();
      return answer(200, request.body);
    }
    return patch(id, found->second, *body);
  }

  static RemoteAnswer find(const Resources& resources, const std::string& key,
                           const std::string& filter) {
    json::Array list;
    for (const auto& [id, resource] : resources) {
      // The value stands percent-encoded between quotes: names of these tests need no encoding.
      const std::string wanted =
          key + "%20eq%20%22" + std::string(*json::Value(resource).stringAt(key)) + "%22";
      if (filter == wanted) list.emplace_back(resource);
    }
    return answer(200, json::write(json::Object{{"Resources", std::move(list)}}));
  }

  RemoteAnswer create(Resources& resources, const std::string& key, const std::string& letter,
                      const std::string& text) {
    auto body = json::parse(text);
    for (const auto& [id, resource] : resources) {
      if (json::Value(resource).stringAt(key) == body->stringAt(key)) return answer(409);
    }
    const auto id = make(resources, letter, *body->object());
    return answer(201, json::write(resources[id]));
  }

  RemoteAnswer patch(const std::string& id, json::Object& resource, const json::Value& body) {
    for (const auto& operation : *body.find("Operations")->array()) {
      const std::string path(operation.stringAt("path").value_or(""));
      if (path == "members") {
        for (const auto& member : *operation.find("value")->array()) {
          members_[id].insert(std::string(*member.stringAt("value")));
        }
      } else if (path.rfind("members[value eq \"", 0) == 0) {
        members_[id].erase(path.substr(18, path.size() - 20));
      } else if (operation.stringAt("op") == "remove") {
        resource.erase(path);
      } else {
        resource.set(path, *operation.find("value"));
      }
    }
    return answer(204);
  }

  std::mutex mutex_;
  Resources users_;
  Resources groups_;
  std::map<std::string, std::set<std::string>> members_;
  std::vector<std::string> asked_;
  std::function<void(const RemoteRequest&)> before_;
  int made_ = 0;
  int forced_ = 0;
  std::string forced_body_;
  std::string silent_for_;
  std::size_t unanswered_ = 0;
};

}  // namespace vestibule::outbound::test
