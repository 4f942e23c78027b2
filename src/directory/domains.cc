#include "directory/domains.h"

#include <optional>
#include <string>

#include "base/log.h"
#include "base/unicode.h"
#include "directory/privileges.h"
#include "json/merge_patch.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/resource/render.h"
#include "store/domain_creation.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kNameLength = 30;
constexpr std::size_t kDescriptionCharacters = 1'000;
/// How often a change is tried again when others change the same domain.
constexpr int kAttempts = 5;

policy::PolicySettings defaultsOf(const DomainName& name) {
  return name.value() == kPrimaryDomain ? policy::PolicySettings::primaryDefaults()
                                        : policy::PolicySettings::secondaryDefaults();
}

Result<std::string> readDescription(const json::Value& value) {
  if (!value.isString() || codePointCount(*value.string()) > kDescriptionCharacters) {
    return failure(ErrorKind::kInvalidValue, "description is text of at most 1000 characters",
                   "description");
  }
  return *value.string();
}

tl::unexpected<Error> noSuchDomain(std::string_view name) {
  return failure(ErrorKind::kNotFound,
                 "there is no user store domain \"" + printable(name, 64) + "\"");
}

tl::unexpected<Error> goneDomain() {
  return failure(ErrorKind::kNotFound, "the user store domain is not there any more");
}

tl::unexpected<Error> unknownKey(const std::string& key) {
  return failure(ErrorKind::kInvalidValue, "unknown key \"" + printable(key, 64) + "\"",
                 printable(key, 64));
}

/// Settings that can be used: they compile, and PRIMARY stays usable.
Result<void> checkSettings(const Context& context, const DomainName& name,
                           const policy::PolicySettings& settings) {
  if (name.value() == kPrimaryDomain && settings.disabled) {
    return failure(ErrorKind::kConflict, "the PRIMARY domain cannot be disabled",
                   "settings.Disabled");
  }
  auto compiled = policy::DomainPolicy::compile(settings);
  if (!compiled) return propagate(compiled);
  return checkPrivilegedAttributes(context, settings.privileged_attributes);
}

/// What of a domain can change, as it is stored.
struct Texts {
  std::string description;
  std::string settings;
};

/// The stored settings over the defaults, and those of the change over both. A stored setting that
/// the change replaces is not looked at: so one that cannot be used any more can be mended.
Result<policy::PolicySettings> mergeSettings(const Domain& domain, const json::Object& changes) {
  const auto defaults = defaultsOf(domain.name());
  policy::PolicySettings settings = defaults;
  const auto stored = json::parse(domain.row.settings);
  if (!stored || !stored->isObject()) {
    return internalFailure("the stored settings of domain " + domain.name().value() +
                           " are no JSON object");
  }
  for (const auto& [setting, value] : *stored->object()) {
    if (changes.find(setting) != nullptr) continue;
    if (auto set = settings.set(setting, value); !set) return propagate(set);
  }
  for (const auto& [setting, wanted] : changes) {
    const auto fallback = defaults.get(setting);
    const auto* before = stored->find(setting);
    const bool dropped = wanted.isNull() && !fallback && before != nullptr;
    if (dropped) continue;
    json::Value changed = wanted.isNull() && fallback ? *fallback : wanted;
    if (wanted.isObject() && before != nullptr) {
      changed = *before;
      json::mergePatch(changed, wanted);
    }
    auto set = settings.set(setting, changed);
    if (!set) return propagate(set);
  }
  return settings;
}

Result<Texts> applyPatch(const Context& context, const Domain& domain, const json::Object& patch) {
  static const json::Object kNoChanges;
  std::string description = domain.row.description;
  const json::Object* changes = &kNoChanges;
  for (const auto& [key, value] : patch) {
    if (key == "description") {
      auto text = readDescription(value.isNull() ? json::Value("") : value);
      if (!text) return propagate(text);
      description = *std::move(text);
    } else if (key == "settings" && value.isObject()) {
      changes = value.object();
    } else {
      return unknownKey(key);
    }
  }
  auto settings = mergeSettings(domain, *changes);
  if (!settings) return propagate(settings);
  if (auto usable = checkSettings(context, domain.name(), *settings); !usable) {
    return propagate(usable);
  }
  if (settings->case_insensitive_username != domain.policy.settings().case_insensitive_username) {
    return failure(ErrorKind::kConflict,
                   "CaseInsensitiveUsername decides which names are equal: it is set when the "
                   "domain is created and cannot change",
                   "settings.CaseInsensitiveUsername");
  }
  return Texts{std::move(description), json::write(settings->toJson())};
}

/// The event of a change of a domain that is there.
store::AuditEvent eventAbout(const Author& author, std::string_view action,
                             const store::DomainRow& row) {
  auto event = eventOf(author, action, row.name.value(), now());
  event.domain = store::AuditDomain{row.tables.number, row.name};
  event.version_before = row.version;
  return event;
}

/// The names of the settings that a change changes, and `description`.
std::vector<std::string> changedOf(const store::DomainRow& row, const Texts& wanted) {
  std::vector<std::string> names;
  if (wanted.description != row.description) names.emplace_back("description");
  const auto before = json::parse(row.settings);
  const auto after = json::parse(wanted.settings);
  if (!after || !after->isObject()) return names;
  for (const auto& [setting, value] : *after->object()) {
    const auto* former = before ? before->find(setting) : nullptr;
    if (former == nullptr || *former != value) names.push_back(setting);
  }
  return names;
}

/// A domain as the catalog has it after a change.
Result<json::Object> describeChanged(const Context& context, DomainNumber number) {
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(number);
  if (domain == nullptr) return goneDomain();
  return describeDomain(*domain);
}

/// The stored domain of this name in whatever state, or null.
const store::DomainRow* findStored(const Catalog& catalog, std::string_view name) {
  if (const auto* domain = catalog.findDomain(name)) return &domain->row;
  for (const auto& row : catalog.unfinishedDomains()) {
    if (equalIgnoringAsciiCase(row.name.value(), name)) return &row;
  }
  return nullptr;
}

}  // namespace

Result<DomainName> parseDomainName(std::string_view text) {
  std::string name = upperAscii(text);
  const auto refuse = [&](std::string_view reason) {
    return failure(
        ErrorKind::kInvalidValue,
        "\"" + printable(text, 64) + "\" cannot be a domain's name: " + std::string(reason),
        "name");
  };
  if (name.empty() || name.size() > kNameLength) return refuse("it has 1 to 30 characters");
  if (name.front() < 'A' || name.front() > 'Z') return refuse("it begins with a letter");
  for (const char c : name) {
    const bool allowed = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!allowed) return refuse("it holds letters A to Z, digits and hyphens only");
  }
  if (name.rfind("FEDERATED", 0) == 0)
    return refuse("names that begin with FEDERATED are reserved");
  return DomainName(std::move(name));
}

json::Object describeDomain(const Domain& domain) {
  json::Object object;
  object.set("name", domain.name().value());
  object.set("state", domain.row.state);
  object.set("description", domain.row.description);
  object.set("settings", domain.policy.settings().toJson());
  object.set("version", scim::etag(domain.row.version));
  object.set("created", formatTimestamp(domain.row.created));
  object.set("modified", formatTimestamp(domain.row.modified));
  return object;
}

json::Object describeUnfinishedDomain(const store::DomainRow& row) {
  json::Object object;
  object.set("name", row.name.value());
  object.set("state", row.state);
  object.set("description", row.description);
  object.set("version", scim::etag(row.version));
  object.set("created", formatTimestamp(row.created));
  object.set("modified", formatTimestamp(row.modified));
  return object;
}

Result<json::Object> createDomain(const Context& context, const store::MigrationSet& migrations,
                                  const json::Value& body, const Author& author) {
  if (!body.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a domain is a JSON object with a name");
  }
  std::optional<DomainName> name;
  std::string description;
  policy::PolicySettings settings = policy::PolicySettings::secondaryDefaults();
  for (const auto& [key, value] : *body.object()) {
    if (key == "name") {
      auto parsed = parseDomainName(value.isString() ? *value.string() : std::string());
      if (!parsed) return propagate(parsed);
      name = *std::move(parsed);
    } else if (key == "description") {
      auto text = readDescription(value);
      if (!text) return propagate(text);
      description = *std::move(text);
    } else if (key == "settings") {
      auto read = policy::PolicySettings::fromJson(value, settings);
      if (!read) return propagate(read);
      settings = *std::move(read);
    } else {
      return unknownKey(key);
    }
  }
  if (!name) return failure(ErrorKind::kInvalidValue, "a domain needs a name", "name");
  if (auto usable = checkSettings(context, *name, settings); !usable) return propagate(usable);

  auto& database = *context.database;
  const auto event = eventOf(author, "domain.created", name->value(), now());
  auto row = database.write([&](store::Session& session) {
    return store::createDomain(session, database.controlSchema(), database.options().schema_prefix,
                               migrations, *name, description, json::write(settings.toJson()),
                               &event);
  });
  if (!row) return propagate(row);
  logEvent(events::kDomainCreated, {{"domain", name->value()}});
  return describeChanged(context, row->tables.number);
}

Result<json::Object> changeDomain(const Context& context, DomainNumber number,
                                  const json::Value& patch, const Preconditions& conditions,
                                  const Author& author) {
  if (!patch.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a change of a domain is a JSON object");
  }
  for (int attempt = 1;; ++attempt) {
    // The row of now, not of half a second ago: another process may have changed it.
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* domain = catalog->findDomain(number);
    if (domain == nullptr) return goneDomain();
    if (auto settled = requireSettled(*domain); !settled) return propagate(settled);
    if (auto met = conditions.checkWrite(domain->row.version); !met) return propagate(met);
    auto wanted = applyPatch(context, *domain, *patch.object());
    if (!wanted) return propagate(wanted);
    if (wanted->description == domain->row.description &&
        wanted->settings == domain->row.settings) {
      return describeDomain(*domain);
    }
    auto& database = *context.database;
    auto event = eventAbout(author, "domain.updated", domain->row);
    event.version_after = Version(domain->row.version.value() + 1);
    event.attributes = changedOf(domain->row, *wanted);
    auto row = database.write([&](store::Session& session) {
      return store::updateDomain(session, database.controlSchema(), number, domain->row.version,
                                 wanted->description, wanted->settings, &event);
    });
    if (row) return describeChanged(context, number);
    const bool raced = row.error().kind == ErrorKind::kVersionMismatch;
    if (!raced || attempt == kAttempts) return propagate(row);
  }
}

Result<void> deleteDomain(const Context& context, std::string_view name,
                          std::string_view confirmation, const Preconditions& conditions,
                          const Author& author) {
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  const auto catalog = context.catalog->current();
  const auto* row = findStored(*catalog, name);
  if (row == nullptr) return noSuchDomain(name);
  if (auto met = conditions.checkWrite(row->version); !met) return met;
  if (row->name.value() == kPrimaryDomain) {
    return failure(ErrorKind::kConflict, "the PRIMARY domain cannot be deleted");
  }
  if (!equalIgnoringAsciiCase(confirmation, row->name.value())) {
    return failure(ErrorKind::kInvalidValue,
                   "deleting a domain deletes every user and group in it: confirm by its name, " +
                       row->name.value(),
                   "confirm");
  }
  // What the caller has seen is what is deleted.
  const auto expected = conditions.has_if_match ? std::optional(row->version) : std::nullopt;
  const auto event = eventAbout(author, "domain.deleted", *row);
  auto deleted = context.database->write([&](store::Session& session) {
    return store::deleteDomain(session, context.database->controlSchema(), row->name, expected,
                               &event);
  });
  if (!deleted) {
    // It may have come half-way: nobody may use the domain any more.
    if (auto refreshed = context.catalog->refresh(); !refreshed) {
      logEvent(events::kCatalogUnread, {{"reason", refreshed.error().detail}});
    }
    return propagate(deleted);
  }
  logEvent(events::kDomainDeleted, {{"domain", row->name.value()}});
  return context.catalog->refresh();
}

}  // namespace vestibule::directory
