#include "jit/user_name.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "directory/stored_document.h"
#include "directory/users.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "userName";
constexpr std::size_t kMaxSanitized = 255;

std::vector<std::string_view> charactersOf(std::string_view text) {
  std::vector<std::string_view> characters;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    if (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    characters.push_back(text.substr(begin, i - begin));
    begin = i;
  }
  return characters;
}

std::string joined(const std::vector<std::string_view>& characters, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += characters[i];
  return text;
}

/// Finds out by trying which characters a domain takes.
class Sanitizer {
 public:
  explicit Sanitizer(const directory::Domain& domain) : domain_(domain) {}

  /// The name made to fit; nothing when that cannot be done.
  std::optional<std::string> sanitized(const std::string& name) {
    const auto characters = charactersOf(name);
    if (characters.size() > kMaxSanitized) return std::nullopt;
    findProbes(characters.size());
    const auto kept = usable(characters);
    for (std::size_t count = kept.size(); count > 0; --count) {
      std::string beginning = joined(kept, count);
      if (allows(beginning)) return beginning;
    }
    return std::nullopt;
  }

  bool allows(const std::string& name) {
    if (!directory::requireBareName(domain_, name, "userName")) return false;
    if (is_too_costly_) return false;
    if (auto allowed = domain_.policy.checkUserName(name); !allowed) {
      // Where one try costs so much, hundreds are not to be had.
      is_too_costly_ = allowed.error().code == policy::kUserNameLimitCode;
      return false;
    }
    return prepareUserName(name).has_value();
  }

 private:
  /// A name of one character that is allowed, into which others are put.
  struct Probe {
    char filler;
    std::size_t size;
  };

  void findProbes(std::size_t longest) {
    for (const char filler : {'a', 'A', '0'}) {
      std::size_t size = longest;
      while (size > 0 && !allows(std::string(size, filler))) --size;
      if (size > 0) probes_.push_back({filler, size});
    }
  }

  bool isUsable(std::string_view character) {
    return std::any_of(probes_.begin(), probes_.end(), [&](const Probe& probe) {
      std::string name(probe.size, probe.filler);
      name.replace(probe.size / 2, 1, character);
      return allows(name);
    });
  }

  std::vector<std::string_view> usable(const std::vector<std::string_view>& characters) {
    std::map<std::string_view, bool> known;
    std::vector<std::string_view> kept;
    for (const std::string_view character : characters) {
      auto [entry, is_new] = known.try_emplace(character, false);
      if (is_new) entry->second = isUsable(character);
      if (entry->second) kept.push_back(character);
    }
    return kept;
  }

  const directory::Domain& domain_;
  std::vector<Probe> probes_;
  bool is_too_costly_ = false;
};

}  // namespace

std::string sanitizedUserName(const directory::Domain& domain, const std::string& name) {
  Sanitizer sanitizer(domain);
  if (sanitizer.allows(name)) return name;
  return sanitizer.sanitized(name).value_or(name);
}

std::string fittedUserName(const directory::Domain& domain, const IdentityProvider& provider,
                           const std::string& name, Trace& trace) {
  if (!provider.user_names.sanitize) return name;
  std::string fitted = sanitizedUserName(domain, name);
  if (fitted != name) trace.add(kStep, "sanitizeUserName", name, fitted);
  return fitted;
}

tl::unexpected<Error> userNameRefused(Error error) {
  error.attribute = "userName";
  const bool unchecked = error.code == policy::kUserNameLimitCode;
  return refusal(unchecked ? kUserNameUnchecked : kUserNameRefused, std::move(error));
}

Result<void> checkNewUserName(const directory::Domain& domain, const IdentityProvider& provider,
                              const std::string& name, Trace& trace) {
  if (auto allowed = domain.policy.checkUserName(name); !allowed) {
    trace.add(kStep, allowed.error().code, name, allowed.error().detail);
    return userNameRefused(std::move(allowed.error()));
  }
  if (auto prepared = prepareUserName(name); !prepared) {
    trace.add(kStep, "preparation", name, prepared.error().detail);
    return userNameRefused(std::move(prepared.error()));
  }
  if (auto bare = directory::requireBareName(domain, name, "userName"); !bare) {
    trace.add(kStep, "domain", name, bare.error().detail);
    return userNameRefused(std::move(bare.error()));
  }
  if (isProtectedUser(provider.protection, domain.name(), name)) {
    trace.add(kStep, "protectedUsers", name, "refused");
    return refusal(kProtectedUser, "the user name is protected: no login makes its user",
                   "userName");
  }
  return {};
}

Result<bool> isUserNameTaken(const directory::Context& context, const directory::Domain& domain,
                             const std::string& name, Trace& trace) {
  const auto wanted = directory::userKeys(
      context, domain, json::Object{{context.user_type->naming_attribute->name, name}});
  if (!wanted) return tl::make_unexpected(wanted.error());
  auto holders = context.database->read([&](store::Session& session) {
    return store::findUsersByName(session, domain.tables(), wanted->user_name_fold, false);
  });
  if (!holders) return propagate(holders);
  for (const auto& holder : *holders) {
    auto attributes = directory::parseStored(holder.resource.document);
    if (!attributes) return propagate(attributes);
    auto keys = directory::userKeys(context, domain, *attributes);
    if (!keys) return propagate(keys);
    if (keys->user_name_case != wanted->user_name_case) continue;
    trace.add(kStep, "uniqueness", name, "taken");
    return true;
  }
  trace.add(kStep, "uniqueness", name, "free");
  return false;
}

Result<std::string> freeUserName(const directory::Context& context, const directory::Domain& domain,
                                 const IdentityProvider& provider, const std::string& name,
                                 Trace& trace) {
  const auto characters = charactersOf(name);
  for (int number = 2; number <= kLastSuffix; ++number) {
    const std::string suffix = "-" + std::to_string(number);
    std::string candidate = name + suffix;
    for (std::size_t cut = 1; cut <= suffix.size() && cut < characters.size(); ++cut) {
      if (domain.policy.checkUserName(candidate)) break;
      candidate = joined(characters, characters.size() - cut) + suffix;
    }
    auto allowed = checkNewUserName(domain, provider, candidate, trace);
    if (!allowed && allowed.error().code == kProtectedUser.code) continue;
    if (!allowed) return propagate(allowed);
    auto taken = isUserNameTaken(context, domain, candidate, trace);
    if (!taken) return propagate(taken);
    if (!*taken) return candidate;
  }
  return refusal(kNoFreeUserName,
                 "the user name and all with the suffixes -2 to -100 are taken in domain " +
                     domain.name().value(),
                 "userName");
}

}  // namespace vestibule::jit
