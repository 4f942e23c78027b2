#include "http/prompt_answers.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/unicode.h"
#include "http/prompt_fields.h"

namespace vestibule::http {
namespace {

namespace field = prompt_field;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorKind::kInvalidSyntax, "the form " + std::string(what));
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// True for what `<input type="datetime-local">` sends: `2026-11-30T10:00` and what may follow.
bool isLocalDateTime(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !isDigit(text[i]) : text[i] != kForm[i]) return false;
  }
  const auto rest = text.substr(kForm.size());
  return rest.empty() ||
         (rest.front() == ':' && rest.find_first_not_of("0123456789:.") == std::string_view::npos);
}

/// The value as an attribute of its type is written.
std::string valueFor(const jit::PromptForm& form, std::string_view path, std::string text) {
  const auto asked = std::find_if(form.attributes.begin(), form.attributes.end(),
                                  [&](const auto& attribute) { return attribute.path == path; });
  if (asked == form.attributes.end() || asked->type != scim::AttributeType::kDateTime ||
      !isLocalDateTime(text)) {
    return text;
  }
  constexpr std::size_t kWithoutSeconds = 16;
  return text + (text.size() == kWithoutSeconds ? ":00Z" : "Z");
}

/// Reads `PURPOSE:VERSION`. A purpose may hold colons.
Result<jit::ConsentAnswer> readConsent(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return malformed("has a bad consent field");
  jit::ConsentAnswer answer;
  answer.purpose = text.substr(0, colon);
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, answer.version);
  if (read.ec != std::errc() || read.ptr != end || answer.version == 0) {
    return malformed("has a bad consent field");
  }
  return answer;
}

/// Finds the consent that `PURPOSE:PATH` belongs to. Of two purposes of which one name begins with
/// the other and a colon, the longer one counts.
Result<void> addAgreement(std::string_view text, std::vector<jit::ConsentAnswer>& consents) {
  jit::ConsentAnswer* owner = nullptr;
  for (auto& consent : consents) {
    const bool fits = text.size() > consent.purpose.size() && text.starts_with(consent.purpose) &&
                      text[consent.purpose.size()] == ':';
    if (fits && (owner == nullptr || consent.purpose.size() > owner->purpose.size())) {
      owner = &consent;
    }
  }
  if (owner == nullptr) return malformed("agrees to a purpose that it did not show");
  owner->agreed.emplace_back(text.substr(owner->purpose.size() + 1));
  return {};
}

Result<void> readField(const jit::PromptForm& form, const std::string& name, std::string value,
                       PromptReply& reply, std::vector<std::string>& agreements) {
  const std::string_view text = name;
  auto& answers = reply.answers;
  if (name == field::kUserName) {
    answers.user_name = std::move(value);
  } else if (name == field::kPassword) {
    answers.password.emplace(std::move(value));
  } else if (name == field::kPasswordConfirmation) {
    answers.password_confirmation.emplace(std::move(value));
  } else if (name == field::kCsrf) {
    reply.csrf = std::move(value);
  } else if (name == field::kDecision) {
    if (value != field::kAnswer && value != field::kDecline) {
      return malformed("has an unknown decision");
    }
    reply.is_declined = value == field::kDecline;
  } else if (text.starts_with(field::kAttribute) && text.size() > field::kAttribute.size()) {
    const auto path = text.substr(field::kAttribute.size());
    answers.attributes.emplace_back(path, valueFor(form, path, std::move(value)));
  } else if (text.starts_with(field::kConsent) && value == field::kShown) {
    auto consent = readConsent(text.substr(field::kConsent.size()));
    if (!consent) return propagate(consent);
    const bool twice =
        std::any_of(answers.consents.begin(), answers.consents.end(),
                    [&](const auto& one) { return one.purpose == consent->purpose; });
    if (twice) return malformed("shows a purpose twice");
    answers.consents.push_back(*std::move(consent));
  } else if (text.starts_with(field::kAgree) && value == field::kTicked) {
    agreements.emplace_back(text.substr(field::kAgree.size()));
  } else {
    return malformed("has a field that no page of a prompt has");
  }
  return {};
}

}  // namespace

Result<PromptReply> readAnswers(FormFields fields, const jit::PromptForm& form) {
  PromptReply reply;
  std::set<std::string, std::less<>> seen;
  std::vector<std::string> agreements;
  for (auto& sent : fields) {
    if (!seen.insert(sent.first).second) return malformed("has a field twice");
    auto read = readField(form, sent.first, std::move(sent.second), reply, agreements);
    if (!read) {
      return propagate(read);
    }
  }
  if (!seen.contains(field::kDecision)) return malformed("says neither yes nor no");
  // Only now all purposes are known that agreements can belong to.
  for (const auto& agreement : agreements) {
    if (auto added = addAgreement(agreement, reply.answers.consents); !added) {
      return propagate(added);
    }
  }
  return reply;
}

}  // namespace vestibule::http
