#include "outbound/targets.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "jose/remote_url.h"
#include "json/merge_patch.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::outbound {
namespace {

using directory::Author;
using directory::Context;
using directory::Preconditions;
using store::OutboundTargetRow;

/// How often a change is tried again when others change the same target.
constexpr int kAttempts = 5;
/// Rows that one statement removes.
constexpr std::uint64_t kForgotten = 5'000;

tl::unexpected<Error> noSuchTarget(std::string_view name) {
  return failure(ErrorKind::kNotFound,
                 "there is no outbound target \"" + printable(name, 64) + "\"");
}

json::Object settingsOf(const OutboundTargetRow& row) {
  auto stored = json::parse(row.text.settings);
  if (stored && stored->isObject()) return std::move(*stored->object());
  return {{"name", row.name}};
}

TargetView viewOf(const OutboundTargetRow& row) {
  return {settingsOf(row), row.version, row.created, row.modified};
}

Result<std::optional<std::vector<DomainNumber>>> domainsOf(const directory::Catalog& catalog,
                                                           const Target& target) {
  if (target.domain_names.empty()) return std::optional<std::vector<DomainNumber>>();
  std::vector<DomainNumber> numbers;
  for (const auto& name : target.domain_names) {
    const auto* domain = catalog.findDomain(name);
    if (domain == nullptr) {
      return failure(
          ErrorKind::kInvalidValue,
          "outbound target: /domains: there is no user store domain '" + printable(name, 64) + "'");
    }
    numbers.push_back(domain->tables().number);
  }
  return std::optional(std::move(numbers));
}

/// Which member has the secret.
std::string_view secretNameOf(Authentication authentication) {
  switch (authentication) {
    case Authentication::kBasic:
      return "password";
    case Authentication::kClientCredentials:
      return "clientSecret";
    case Authentication::kNone:
    case Authentication::kBearer:
      break;
  }
  return "token";
}

/// How, and to whom, the secret of these settings goes. Only where both are the same is the secret
/// of one that of the other: else whoever may change settings could have it sent to a system of
/// their own.
std::vector<std::string> waysOfSecret(const json::Object& settings) {
  const auto text = [](const json::Object* object, std::string_view name) {
    const json::Value* value = object != nullptr ? object->find(name) : nullptr;
    return value != nullptr && value->isString() ? std::string(*value->string()) : std::string();
  };
  const json::Value* authentication = settings.find("authentication");
  const json::Object* how = authentication != nullptr ? authentication->object() : nullptr;
  const auto origin = [&](const json::Object* object, std::string_view name) {
    const auto url = jose::readRemoteUrl(text(object, name));
    return url ? url->origin : std::string();
  };
  return {text(how, "type"), origin(&settings, "baseUrl"), origin(how, "tokenUrl")};
}

/// A document that can be stored, checked against what there is.
Result<store::OutboundTargetText> textOf(const directory::Catalog& catalog,
                                         const CompiledTarget& compiled,
                                         const OutboundTargetRow* existing) {
  auto domains = domainsOf(catalog, compiled.target);
  if (!domains) return propagate(domains);
  store::OutboundTargetText text;
  text.settings = json::write(compiled.target.document);
  text.domains = *std::move(domains);
  text.enabled = compiled.target.enabled;
  if (compiled.secret) {
    text.secret = *compiled.secret;
  } else if (existing != nullptr &&
             waysOfSecret(settingsOf(*existing)) == waysOfSecret(compiled.target.document)) {
    if (!existing->secret_fault.empty()) {
      return failure(ErrorKind::kConflict, existing->secret_fault + "; give the target a new one");
    }
    text.secret = existing->text.secret;
  }
  if (text.secret.empty() && compiled.target.authentication != Authentication::kNone) {
    return failure(ErrorKind::kInvalidValue,
                   "outbound target: /authentication/" +
                       std::string(secretNameOf(compiled.target.authentication)) +
                       ": a new target needs it, and one that authenticates in another way or at "
                       "another host");
  }
  return text;
}

bool isSame(const OutboundTargetRow& row, const store::OutboundTargetText& text) {
  return row.text.settings == text.settings && row.text.domains == text.domains &&
         row.text.secret == text.secret && row.secret_fault.empty();
}

Result<void> storeTarget(const Context& context, const OutboundTargetRow* existing,
                         const std::string& name, const store::OutboundTargetText& text,
                         const Author& author) {
  auto& database = *context.database;
  const auto event =
      eventOf(author, existing != nullptr ? "outbound-target.updated" : "outbound-target.created",
              name, now());
  return database.write([&](store::Session& session) {
    if (existing == nullptr) {
      return store::insertOutboundTarget(session, database.controlSchema(), name, text, event);
    }
    return store::updateOutboundTarget(session, database.controlSchema(), existing->number,
                                       existing->version, text, event);
  });
}

Result<void> forget(const Context& context, store::OutboundTargetNumber number) {
  auto& database = *context.database;
  for (std::uint64_t gone = 1; gone > 0;) {
    auto forgotten = database.write([&](store::Session& session) {
      return store::forgetOutbound(session, database.controlSchema(), number, kForgotten);
    });
    if (!forgotten) return propagate(forgotten);
    gone = *forgotten;
  }
  return {};
}

/// Another process was faster.
bool isRaced(const Error& error) {
  return error.kind == ErrorKind::kVersionMismatch || error.kind == ErrorKind::kUniqueness;
}

}  // namespace

std::vector<TargetView> listTargets(const Context& context) {
  std::vector<TargetView> views;
  const auto catalog = context.catalog->current();
  for (const auto& row : catalog->outboundTargets()) views.push_back(viewOf(row));
  return views;
}

Result<OutboundTargetRow> targetRow(const Context& context, std::string_view name) {
  const auto catalog = context.catalog->current();
  const auto* row = catalog->findOutboundTarget(name);
  if (row == nullptr) return noSuchTarget(name);
  return *row;
}

Result<TargetView> findTarget(const Context& context, std::string_view name) {
  auto row = targetRow(context, name);
  if (!row) return propagate(row);
  return viewOf(*row);
}

Result<Target> compileStored(const Context& context, const OutboundTargetRow& row) {
  if (!row.secret_fault.empty()) return failure(ErrorKind::kUnavailable, row.secret_fault);
  auto document = json::parse(row.text.settings);
  if (!document) return propagate(document);
  auto compiled = compileTarget(context, *document);
  if (!compiled) return propagate(compiled);
  return std::move(compiled->target);
}

Result<AppliedTarget> applyTarget(const Context& context, const json::Value& document,
                                  const Preconditions& conditions, const Author& author) {
  const auto compiled = compileTarget(context, document);
  if (!compiled) return tl::make_unexpected(compiled.error());
  const std::string& name = compiled->target.name;
  for (int attempt = 1;; ++attempt) {
    // The domains and rows of now, not of half a second ago: another process may have made them.
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = catalog->findOutboundTarget(name);
    if (existing != nullptr) {
      if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    } else if (conditions.has_if_match) {
      return failure(ErrorKind::kVersionMismatch, "there is no outbound target of this name");
    }
    const auto text = textOf(*catalog, *compiled, existing);
    if (!text) return tl::make_unexpected(text.error());
    if (existing != nullptr && isSame(*existing, *text)) {
      return AppliedTarget{viewOf(*existing), false};
    }
    auto stored = storeTarget(context, existing, name, *text, author);
    if (stored) {
      if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
      auto view = findTarget(context, name);
      if (!view) return propagate(view);
      return AppliedTarget{*std::move(view), existing == nullptr};
    }
    if (!isRaced(stored.error()) || attempt == kAttempts) return propagate(stored);
  }
}

Result<TargetView> patchTarget(const Context& context, std::string_view name,
                               const json::Value& patch, const Preconditions& conditions,
                               const Author& author) {
  if (!patch.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a change of an outbound target is a JSON object");
  }
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = catalog->findOutboundTarget(name);
    if (existing == nullptr) return noSuchTarget(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    json::Value document = settingsOf(*existing);
    json::mergePatch(document, patch);
    const auto compiled = compileTarget(context, document);
    if (!compiled) return tl::make_unexpected(compiled.error());
    if (compiled->target.name != existing->name) {
      return failure(ErrorKind::kMutability, "the name of an outbound target cannot change",
                     "name");
    }
    const auto text = textOf(*catalog, *compiled, existing);
    if (!text) return tl::make_unexpected(text.error());
    if (isSame(*existing, *text)) return viewOf(*existing);
    auto stored = storeTarget(context, existing, existing->name, *text, author);
    if (stored) {
      if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
      return findTarget(context, name);
    }
    if (!isRaced(stored.error()) || attempt == kAttempts) return propagate(stored);
  }
}

Result<void> removeTarget(const Context& context, std::string_view name,
                          const Preconditions& conditions, const Author& author) {
  auto& database = *context.database;
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = catalog->findOutboundTarget(name);
    if (existing == nullptr) return noSuchTarget(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return met;
    const auto event = eventOf(author, "outbound-target.deleted", name, now());
    auto deleted = database.write([&](store::Session& session) {
      return store::deleteOutboundTarget(session, database.controlSchema(), existing->number,
                                         existing->version, event);
    });
    if (!deleted) {
      if (!isRaced(deleted.error()) || attempt == kAttempts) return deleted;
      continue;
    }
    if (auto forgotten = forget(context, existing->number); !forgotten) return forgotten;
    return context.catalog->refresh();
  }
}

Result<void> forgetRemovedTargets(const Context& context) {
  auto& database = *context.database;
  auto numbers = database.read([&](store::Session& session) {
    return store::forgottenTargets(session, database.controlSchema());
  });
  if (!numbers) return propagate(numbers);
  for (const auto number : *numbers) {
    if (auto forgotten = forget(context, number); !forgotten) return forgotten;
  }
  return {};
}

}  // namespace vestibule::outbound
