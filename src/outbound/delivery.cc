#include "outbound/delivery.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::outbound {
namespace {

constexpr int kGone = 410;
constexpr int kNotFound = 404;
constexpr int kTaken = 409;

bool isGone(const RemoteAnswer& answer) {
  return answer.status == kNotFound || answer.status == kGone;
}

Delivery stopped(Step step, std::string_view doing, const RemoteAnswer& answer) {
  Delivery delivery;
  delivery.step = step;
  delivery.verdict = verdictOf(answer);
  delivery.fault = faultOf(doing, answer);
  delivery.retry_after = answer.retry_after;
  return delivery;
}

Delivery failed(Step step, std::string detail) {
  Delivery delivery;
  delivery.step = step;
  delivery.verdict = Verdict::kFailed;
  delivery.fault.detail = std::move(detail);
  return delivery;
}

/// The names of the attributes that are sent, but for those that every request has.
std::string namesIn(const json::Object& payload) {
  std::string names;
  for (const auto& [name, value] : payload) {
    if (name == "schemas") continue;
    if (!names.empty()) names += ' ';
    names += name;
  }
  return names;
}

/// One run of a delivery: what its parts share.
class Run {
 public:
  Run(const Target& target, ScimClient& remote, std::string_view endpoint, const Reserve& reserve)
      : target_(target), remote_(remote), endpoint_(endpoint), reserve_(reserve) {}

  Delivery create(const json::Object& payload) {
    if (auto found = lookUp(payload); found.verdict != Verdict::kDone || found.link) return found;
    const RemoteAnswer made = remote_.create(endpoint_, payload);
    if (made.status == kTaken) {
      // Made meanwhile by somebody else, or by us before a crash.
      auto found = lookUp(payload);
      if (found.verdict != Verdict::kDone || found.link) return found;
      return stopped(Step::kCreate, "POST", made);
    }
    if (!made.ok()) return stopped(Step::kCreate, "POST", made);
    const auto id = idOf(made);
    if (!id) return failed(Step::kCreate, "POST: the answer has no usable id");
    if (auto reserved = reserve_(*id); !reserved) return refused(*id, reserved.error());
    return sent(Step::kCreate, *id, payload);
  }

  Delivery update(const json::Object& payload, const store::OutboundLink& link) {
    const RemoteAnswer answer = write(payload, link);
    if (isGone(answer)) return create(payload);
    if (!answer.ok()) return stopped(Step::kUpdate, writesBy(), answer);
    return sent(Step::kUpdate, link.remote_id, payload);
  }

  Delivery remove(const store::OutboundLink& link) {
    const bool is_user = endpoint_ == kUsers;
    if (target_.on_removal == OnRemoval::kDelete) {
      const RemoteAnswer answer = remote_.remove(endpoint_, link.remote_id);
      if (!answer.ok() && !isGone(answer)) return stopped(Step::kRemove, "DELETE", answer);
      Delivery delivery;
      delivery.step = Step::kRemove;
      delivery.forget_link = true;
      return delivery;
    }
    if (is_user && target_.on_removal == OnRemoval::kDeactivate) {
      if (auto done = deactivate(link.remote_id); done.verdict != Verdict::kDone) return done;
    }
    Delivery delivery;
    delivery.step = Step::kRemove;
    // Kept, so that nobody else ever gets this account.
    delivery.link = link;
    delivery.link->state = store::LinkState::kLeft;
    return delivery;
  }

 private:
  [[nodiscard]] std::string_view writesBy() const {
    return endpoint_ == kUsers && target_.update == UpdateBy::kPut ? "PUT" : "PATCH";
  }

  /// kDone without a link: nobody has the value, it may be made.
  Delivery lookUp(const json::Object& payload) {
    const std::string_view attribute = endpoint_ == kGroups                ? "displayName"
                                       : target_.match == Match::kUserName ? "userName"
                                                                           : "externalId";
    const json::Value* value = payload.find(attribute);
    if (value == nullptr || !value->isString()) {
      return failed(Step::kCreate, "there is no " + std::string(attribute) + " to match by");
    }
    const Found found = remote_.find(endpoint_, attribute, *value->string());
    if (!found.answer.ok()) return stopped(Step::kCreate, "GET", found.answer);
    if (!found.fault.empty()) return failed(Step::kCreate, "GET: " + found.fault);
    if (!found.id) return {};
    if (auto reserved = reserve_(*found.id); !reserved) {
      return refused(*found.id, reserved.error());
    }
    store::OutboundLink link;
    link.remote_id = *found.id;
    const RemoteAnswer answer = write(payload, link);
    if (!answer.ok()) return stopped(Step::kCreate, writesBy(), answer);
    return sent(Step::kCreate, *found.id, payload);
  }

  Delivery refused(const std::string& id, const Error& error) {
    if (error.kind == ErrorKind::kConflict) {
      auto taken = failed(Step::kCreate,
                          "'" + printable(id) +
                              "' there belongs to another resource of ours: it is not taken over");
      taken.verdict = Verdict::kTaken;
      return taken;
    }
    Delivery delivery;
    delivery.step = Step::kCreate;
    delivery.verdict = Verdict::kRetry;
    delivery.fault.detail = "the link could not be stored";
    return delivery;
  }

  RemoteAnswer write(const json::Object& payload, const store::OutboundLink& link) {
    if (writesBy() == "PUT") return remote_.replace(endpoint_, link.remote_id, payload);
    json::Array operations;
    for (const auto& [name, value] : payload) {
      if (name == "schemas" || name == "id") continue;
      // An extension's attributes are named by its URN, which is a path as well (§3.10).
      operations.emplace_back(json::Object{{"op", "replace"}, {"path", name}, {"value", value}});
    }
    std::istringstream before(link.attributes);
    for (std::string name; before >> name;) {
      if (payload.find(name) != nullptr) continue;
      operations.emplace_back(json::Object{{"op", "remove"}, {"path", name}});
    }
    return remote_.patch(endpoint_, link.remote_id, std::move(operations));
  }

  Delivery deactivate(const std::string& id) {
    if (target_.update == UpdateBy::kPatch) {
      const RemoteAnswer answer = remote_.patch(
          endpoint_, id, {json::Object{{"op", "replace"}, {"path", "active"}, {"value", false}}});
      if (!answer.ok() && !isGone(answer)) return stopped(Step::kRemove, "PATCH", answer);
      return {};
    }
    // Its attributes may be gone here: what it is there is put back, deactivated.
    const RemoteAnswer current = remote_.read(endpoint_, id);
    if (isGone(current)) return {};
    if (!current.ok()) return stopped(Step::kRemove, "GET", current);
    auto body = json::parse(current.body);
    if (!body || !body->isObject()) {
      return failed(Step::kRemove, "GET: the answer is no JSON object");
    }
    json::Object user = std::move(*body->object());
    for (const auto* read_only : {"meta", "groups"}) user.erase(read_only);
    user.set("active", false);
    const RemoteAnswer answer = remote_.replace(endpoint_, id, std::move(user));
    if (!answer.ok() && !isGone(answer)) return stopped(Step::kRemove, "PUT", answer);
    return {};
  }

  static Delivery sent(Step step, const std::string& id, const json::Object& payload) {
    Delivery delivery;
    delivery.step = step;
    delivery.link =
        store::OutboundLink{id, store::LinkState::kActive, digestOf(payload), namesIn(payload)};
    return delivery;
  }

  const Target& target_;
  ScimClient& remote_;
  std::string_view endpoint_;
  const Reserve& reserve_;
};

Delivery deliver(const Target& target, ScimClient& remote, std::string_view endpoint,
                 const std::optional<json::Object>& payload,
                 const std::optional<store::OutboundLink>& link, const Reserve& reserve) {
  Run run(target, remote, endpoint, reserve);
  switch (stepOf(payload ? digestOf(*payload) : std::string(), link)) {
    case Step::kNothing:
      break;
    case Step::kCreate:
      return run.create(*payload);
    case Step::kUpdate:
      return run.update(*payload, *link);
    case Step::kRemove:
      return run.remove(*link);
  }
  return {};
}

}  // namespace

std::string_view nameOf(Step step) {
  switch (step) {
    case Step::kNothing:
      break;
    case Step::kCreate:
      return "create";
    case Step::kUpdate:
      return "update";
    case Step::kRemove:
      return "remove";
  }
  return "nothing";
}

std::string digestOf(const json::Object& payload) { return sha256(json::write(payload)); }

Step stepOf(const std::string& digest, const std::optional<store::OutboundLink>& link) {
  const bool active = link && link->state == store::LinkState::kActive;
  if (digest.empty()) return active ? Step::kRemove : Step::kNothing;
  if (!link) return Step::kCreate;
  return active && link->digest == digest ? Step::kNothing : Step::kUpdate;
}

Delivery deliverUser(const Target& target, ScimClient& remote,
                     const std::optional<json::Object>& payload,
                     const std::optional<store::OutboundLink>& link, const Reserve& reserve) {
  return deliver(target, remote, kUsers, payload, link, reserve);
}

Delivery deliverGroup(const Target& target, ScimClient& remote,
                      const std::optional<json::Object>& payload,
                      const std::optional<store::OutboundLink>& link, const Reserve& reserve) {
  return deliver(target, remote, kGroups, payload, link, reserve);
}

Delivery deliverMembers(ScimClient& remote, const std::string& remote_id,
                        store::MemberDifference& difference, const std::function<bool()>& in_time) {
  Delivery delivery;
  delivery.step = Step::kUpdate;
  if (!difference.add.empty()) {
    json::Array members;
    for (const auto& member : difference.add) {
      members.emplace_back(json::Object{{"value", member.remote_id}});
    }
    const RemoteAnswer answer = remote.patch(
        kGroups, remote_id,
        {json::Object{{"op", "add"}, {"path", "members"}, {"value", std::move(members)}}});
    if (!answer.ok()) return stopped(Step::kUpdate, "PATCH of members", answer);
  }
  const auto removal = [](const store::SentMember& member) {
    return json::Object{{"op", "remove"},
                        {"path", "members[" + filterText("value", member.remote_id) + "]"}};
  };
  if (difference.remove.empty()) return delivery;
  json::Array operations;
  for (const auto& member : difference.remove) operations.emplace_back(removal(member));
  RemoteAnswer answer = remote.patch(kGroups, remote_id, operations);
  if (answer.status == 400 && scimTypeOf(answer) == "noTarget") {
    // One of them is no member there: those that are have to be found one by one.
    auto& members = difference.remove;
    auto next = members.begin();
    for (; next != members.end() && (next == members.begin() || in_time()); ++next) {
      answer = remote.patch(kGroups, remote_id, {removal(*next)});
      const bool was_none = answer.status == 400 && scimTypeOf(answer) == "noTarget";
      if (!answer.ok() && !was_none) return stopped(Step::kUpdate, "PATCH of members", answer);
    }
    members.erase(next, members.end());
    return delivery;
  }
  if (!answer.ok()) return stopped(Step::kUpdate, "PATCH of members", answer);
  return delivery;
}

}  // namespace vestibule::outbound
