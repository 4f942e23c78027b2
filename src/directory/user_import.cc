#include "directory/user_import.h"

#include <algorithm>
#include <map>
#include <utility>

#include "directory/addressing.h"
#include "directory/announcement.h"
#include "directory/change_event.h"
#include "directory/changed_attributes.h"
#include "directory/privileges.h"
#include "directory/stored_document.h"
#include "directory/users.h"
#include "scim/resource/validate.h"

namespace vestibule::directory {
namespace {

/// How often a batch is tried again because a name was taken between the look and the write.
constexpr int kMostAttempts = 5;

Error takenName() {
  return {ErrorKind::kUniqueness, "another user has this userName", {}, "userName", {}};
}

using NameKey = std::pair<std::string, std::string>;
NameKey nameKey(const store::UserKeys& keys) { return {keys.user_name_fold, keys.user_name_case}; }

/// A line of the batch, or several, may be at fault: not the database.
bool mayBeOfLine(const Error& error) {
  return isOfLine(error) ? error.kind != ErrorKind::kConflict : error.kind == ErrorKind::kInternal;
}

}  // namespace

struct UserImport::Slot {
  enum class Outcome { kOpen, kCreated, kReplaced, kUnchanged, kRejected };

  std::uint64_t line = 0;
  std::optional<UserLine> prepared;
  std::size_t round = 0;  ///< in which it is stored: behind the earlier lines of the same user
  Outcome outcome = Outcome::kOpen;
  Error error;  ///< of a rejected line

  void reject(Error why) {
    outcome = Outcome::kRejected;
    error = std::move(why);
  }
};

/// One transaction over the open lines of a round; may be run again.
class UserImport::Attempt {
 public:
  Attempt(const UserImport& import, std::vector<Slot*> slots)
      : import_(import), slots_(std::move(slots)) {}

  /// `mark` is filled in by `summarise` once it is known what becomes of the lines.
  Result<void> run(store::Session& session, store::ImportBatchMark* mark,
                   const std::function<void()>& summarise, bool commits) {
    created_.clear();
    changed_.clear();
    claimed_.clear();
    claimed_ids_.clear();
    taken_.clear();
    auto answer = store::beginUserBatch(session, import_.domain_.tables(), question());
    if (!answer) return propagate(answer);
    for (auto& name : answer->names) {
      taken_[{std::move(name.fold), std::move(name.kept_case)}] = name.id;
    }
    for (auto* slot : slots_) decide(*slot, *answer);
    summarise();
    store::UserBatch users{std::move(created_), std::move(changed_), mark, commits};
    return store::writeUserBatch(session, import_.domain_.tables(),
                                 import_.context_.database->controlSchema(), users);
  }

 private:
  [[nodiscard]] store::UserBatchQuestion question() const {
    store::UserBatchQuestion question;
    question.match = import_.rules_.match;
    for (const auto* slot : slots_) {
      question.user_name_folds.push_back(slot->prepared->keys.user_name_fold);
      if (slot->prepared->id) question.ids.push_back(*slot->prepared->id);
      if (!slot->prepared->match_key.empty()) question.keys.push_back(slot->prepared->match_key);
    }
    return question;
  }

  [[nodiscard]] bool matches(const store::MatchedUser& user, const UserLine& line) const {
    switch (import_.rules_.match) {
      case store::UserMatch::kExternalId:
        return user.external_id_key == line.match_key;
      case store::UserMatch::kId:
        return user.locked.user.resource.meta.id.bytes() == line.match_key;
      case store::UserMatch::kUserName:
        break;
    }
    return user.user_name_fold == line.keys.user_name_fold &&
           user.user_name_case == line.keys.user_name_case;
  }

  void decide(Slot& slot, const store::UserBatchAnswer& answer) {
    const auto& line = *slot.prepared;
    const store::MatchedUser* found = nullptr;
    if (!line.match_key.empty()) {
      for (const auto& user : answer.matched) {
        if (!matches(user, line)) continue;
        if (found != nullptr) {
          slot.reject(
              {ErrorKind::kConflict, "several users have this externalId", {}, "externalId", {}});
          return;
        }
        found = &user;
      }
    }
    if (found != nullptr) {
      replace(slot, *found);
    } else if (import_.rules_.mode == ImportMode::kReplace) {
      slot.reject({ErrorKind::kNotFound, "there is no such user", {}, {}, {}});
    } else {
      create(slot, answer);
    }
  }

  /// Takes the name for a user; false when another has it.
  bool claim(const store::UserKeys& keys, const ResourceId* owner) {
    const auto key = nameKey(keys);
    const auto taken = taken_.find(key);
    if (taken != taken_.end() && (owner == nullptr || taken->second != *owner)) return false;
    return claimed_.insert(key).second;
  }

  void create(Slot& slot, const store::UserBatchAnswer& answer) {
    const auto& line = *slot.prepared;
    if (!line.as_new) return slot.reject(line.as_new.error());
    const bool id_taken =
        line.id && (std::find(answer.ids.begin(), answer.ids.end(), *line.id) != answer.ids.end() ||
                    !claimed_ids_.insert(*line.id).second);
    if (id_taken) {
      return slot.reject({ErrorKind::kUniqueness, "another user has this id", {}, "id", {}});
    }
    if (!claim(line.keys, nullptr)) return slot.reject(takenName());
    store::NewUser user;
    user.meta.id = line.id
                       ? *line.id
                       : ResourceId::generate(import_.domain_.tables().number, ResourceKind::kUser);
    user.meta.version = Version(1);
    user.meta.created = user.meta.modified = now();
    user.write = *line.as_new;
    user.password_hash = line.password_hash.value_or(std::string());
    user.event = event(user.meta.id, "created", user.meta.created);
    user.event.version_after = user.meta.version;
    user.event.attributes = line.names;
    announceStored(import_.view_.catalog(), bitOf(store::ChangeKind::kCreate), user.write.document,
                   user.event);
    created_.push_back(std::move(user));
    slot.outcome = Slot::Outcome::kCreated;
  }

  void replace(Slot& slot, const store::MatchedUser& found) {
    auto changed = changeOf(*slot.prepared, found);
    if (!changed) {
      slot.reject(std::move(changed.error()));
    } else if (!*changed) {
      slot.outcome = Slot::Outcome::kUnchanged;
    } else {
      changed_.push_back(**std::move(changed));
      slot.outcome = Slot::Outcome::kReplaced;
    }
  }

  Result<std::optional<store::ChangedUser>> changeOf(const UserLine& line,
                                                     const store::MatchedUser& found) {
    const auto& context = import_.context_;
    const auto& type = *context.user_type;
    const auto& stored = found.locked.user.resource;
    auto current = parseStored(stored.document);
    if (!current) return propagate(current);
    auto valid = scim::validateReplace(*context.registry, type, line.body, *current,
                                       import_.view_.tolerating());
    if (!valid) return propagate(valid);
    auto& edited = valid->attributes;
    if (type.credential != nullptr) edited.erase(type.credential->name);
    if (auto named = localiseNameWithin(import_.view_, type, import_.domain_, edited); !named) {
      return propagate(named);
    }
    if (auto may = checkPrivilegedWrite(context, import_.view_.principal(), import_.domain_,
                                        *current, edited);
        !may) {
      return propagate(may);
    }
    auto write =
        prepareUserWrite(context, import_.domain_, edited, isRenamed(type, *current, edited));
    if (!write) return propagate(write);
    if (!claim(write->keys, &stored.meta.id)) return tl::make_unexpected(takenName());
    if (write->document == stored.document && !line.password_hash) {
      return std::optional<store::ChangedUser>();
    }
    auto before = userKeys(context, import_.domain_, *current);
    if (!before) return propagate(before);
    store::ChangedUser change;
    change.locked = &found.locked;
    change.meta = stored.meta;
    change.meta.version = Version(stored.meta.version.value() + 1);
    change.meta.modified = std::max(now(), stored.meta.modified);
    change.write = *std::move(write);
    change.before = *std::move(before);
    change.password_hash = line.password_hash;
    change.event = event(stored.meta.id, "updated", change.meta.modified);
    change.event.version_before = stored.meta.version;
    change.event.version_after = change.meta.version;
    change.event.attributes = changedAttributes(*current, edited);
    if (line.password_hash) change.event.attributes.push_back(type.credential->name);
    announce(import_.view_.catalog(),
             withActivation(bitOf(store::ChangeKind::kPut), *current, edited), edited,
             change.event);
    return std::optional(std::move(change));
  }

  [[nodiscard]] store::AuditEvent event(const ResourceId& id, std::string_view what,
                                        Timestamp time) const {
    return changeEvent(import_.view_, import_.domain_, *import_.context_.user_type, id, what, time);
  }

  const UserImport& import_;
  std::vector<Slot*> slots_;
  std::map<NameKey, ResourceId> taken_;
  std::set<NameKey> claimed_;
  std::set<ResourceId> claimed_ids_;
  std::vector<store::NewUser> created_;
  std::vector<store::ChangedUser> changed_;
};

UserImport::UserImport(const Context& context, const View& view, const UserImportRules& rules)
    : context_(context), view_(view), domain_(*view.soleDomain()), rules_(rules) {}

Result<ImportedLines> UserImport::run(std::vector<ImportLine> lines, store::ImportBatchMark* mark) {
  if (auto writable = requireWritable(domain_); !writable) return propagate(writable);
  ImportedLines imported;
  std::vector<Slot> slots;
  slots.reserve(lines.size());
  for (auto& line : lines) {
    auto& slot = slots.emplace_back();
    slot.line = line.number;
    auto prepared = std::move(line.body).and_then([&](json::Value&& body) {
      return prepareUserLine(context_, view_, rules_, std::move(body), imported.ignored);
    });
    if (prepared) {
      slot.prepared = *std::move(prepared);
    } else if (isOfLine(prepared.error())) {
      slot.reject(std::move(prepared.error()));
    } else {
      return propagate(prepared);
    }
  }
  const auto summarise = [&] {
    imported.counts = {};
    imported.report.clear();
    for (const auto& slot : slots) {
      switch (slot.outcome) {
        case Slot::Outcome::kCreated:
          ++imported.counts.created;
          break;
        case Slot::Outcome::kReplaced:
          ++imported.counts.replaced;
          break;
        case Slot::Outcome::kUnchanged:
          ++imported.counts.unchanged;
          break;
        case Slot::Outcome::kRejected:
          ++imported.counts.rejected;
          imported.report += reportLine(slot.line, slot.error);
          break;
        case Slot::Outcome::kOpen:
          break;
      }
    }
    if (mark == nullptr) return;
    mark->counts = imported.counts;
    mark->report = imported.report;
  };
  const auto rounds = divide(slots);
  for (std::size_t round = 0; round < rounds; ++round) {
    auto stored = store(slots, round, round + 1 == rounds ? mark : nullptr, summarise);
    if (!stored) return propagate(stored);
  }
  if (rounds == 0) {
    summarise();
    if (mark != nullptr && rules_.writes) {
      auto marked = context_.database->write([&](store::Session& session) {
        return store::markImportBatch(session, context_.database->controlSchema(), *mark);
      });
      if (!marked) return propagate(marked);
    }
  }
  return imported;
}

std::size_t UserImport::divide(std::vector<Slot>& slots) const {
  std::map<NameKey, std::size_t> names;
  std::map<std::string, std::size_t> keys;
  std::size_t rounds = 0;
  for (auto& slot : slots) {
    if (!slot.prepared) continue;
    auto& of_name = names[nameKey(slot.prepared->keys)];
    std::size_t unused = 0;
    const auto& match_key = slot.prepared->match_key;
    auto& of_key = match_key.empty() ? unused : keys[match_key];
    slot.round = std::max(of_name, of_key);
    if (slot.round > 0 && rules_.mode == ImportMode::kCreate) {
      slot.reject(
          {ErrorKind::kUniqueness, "an earlier line has this userName", {}, "userName", {}});
      slot.prepared.reset();
      continue;
    }
    of_name = of_key = slot.round + 1;
    rounds = std::max(rounds, slot.round + 1);
  }
  return rounds;
}

Result<void> UserImport::store(std::vector<Slot>& slots, std::size_t round,
                               store::ImportBatchMark* mark,
                               const std::function<void()>& summarise) const {
  Result<void> stored;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    std::vector<Slot*> open;
    for (auto& slot : slots) {
      if (slot.prepared && slot.round == round) open.push_back(&slot);
    }
    Attempt one(*this, std::move(open));
    stored = context_.database->write(
        [&](store::Session& session) { return one.run(session, mark, summarise, rules_.writes); });
    if (stored || !mayBeOfLine(stored.error())) return stored;
    // A name or an id that was taken meanwhile is seen by the next attempt.
    const bool is_raced = attempt == 0 || stored.error().kind == ErrorKind::kUniqueness;
    if (!is_raced && !rejectCulprits(slots, round)) break;
  }
  return stored;
}

/// Tries each line of the round alone, without storing it, and rejects those that fail. False when
/// none does, or all do of an internal error: then the lines are not at fault.
bool UserImport::rejectCulprits(std::vector<Slot>& slots, std::size_t round) const {
  std::vector<std::pair<Slot*, Error>> culprits;
  bool any_stored = false;
  for (auto& slot : slots) {
    if (!slot.prepared || slot.round != round) continue;
    Attempt alone(*this, {&slot});
    auto stored = context_.database->write([&](store::Session& session) {
      return alone.run(
          session, nullptr, [] {}, false);
    });
    if (stored) {
      any_stored = true;
    } else if (mayBeOfLine(stored.error())) {
      culprits.emplace_back(&slot, std::move(stored.error()));
    } else {
      return false;
    }
  }
  const bool all_internal =
      !any_stored && std::all_of(culprits.begin(), culprits.end(), [](const auto& culprit) {
        return culprit.second.kind == ErrorKind::kInternal;
      });
  if (culprits.empty() || all_internal) return false;
  for (auto& [slot, error] : culprits) {
    slot->prepared.reset();
    slot->reject(std::move(error));
  }
  return true;
}

}  // namespace vestibule::directory
