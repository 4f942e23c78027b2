#include "jit/consent_purpose.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/blanks.h"
#include "base/log.h"
#include "base/unicode.h"
#include "directory/resource_name.h"
#include "jit/language_tag.h"
#include "jit/settings_reader.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {
namespace {

using scim::Fields;
using scim::Place;

constexpr std::size_t kMaxLanguages = 50;
constexpr std::size_t kMaxTitle = 200;
constexpr std::size_t kMaxDescription = 4'000;
constexpr std::size_t kMaxAttributes = 100;

/// Why the text cannot be shown to people; empty when it can.
std::string faultOfText(std::string_view text, std::size_t most, bool lines) {
  if (trimmed(text).empty()) return "is blank";
  if (codePointCount(text) > most) {
    return "is longer than " + std::to_string(most) + " characters";
  }
  const bool controls = std::any_of(text.begin(), text.end(), [&](char c) {
    return (c >= 0 && c < ' ' && !(lines && c == '\n')) || c == '\x7f';
  });
  return controls ? "holds a control character" : "";
}

PurposeText readText(Fields& fields) {
  fields.allowOnly({"title", "description"});
  PurposeText text{fields.text("title"), fields.text("description")};
  if (fields.error()) return {};
  if (const auto fault = faultOfText(text.title, kMaxTitle, false); !fault.empty()) {
    fields.fail("title", fault);
  }
  if (const auto fault = faultOfText(text.description, kMaxDescription, true); !fault.empty()) {
    fields.fail("description", fault);
  }
  return text;
}

json::Object readTexts(Fields& fields, ConsentPurpose& purpose) {
  const json::Object& texts = objectOrNone(fields, "texts");
  const Place place = fields.place().member("texts");
  if (texts.size() > kMaxLanguages) fields.fail("texts", "is in more than 50 languages");
  for (const json::Member& member : texts) {
    if (fields.error()) break;
    const auto language = canonicalLanguage(member.key);
    if (!language) {
      fields.fail("texts",
                  "'" + printable(member.key, 64) + "' is no language such as en or pt-BR");
      break;
    }
    readElement(fields, member.value, place.member(member.key),
                [&](Fields& text, const json::Object&) {
                  if (!purpose.texts.emplace(*language, readText(text)).second) {
                    fields.fail("texts", "is twice in '" + *language + "'");
                  }
                });
  }
  if (!purpose.texts.contains(kFallbackLanguage)) {
    fields.fail("texts", "needs a text in 'en', for whoever speaks none of the other languages");
  }
  json::Object canonical;
  for (const auto& [language, text] : purpose.texts) {
    canonical.set(language, json::Object{{"title", text.title}, {"description", text.description}});
  }
  return canonical;
}

class AttributesReader {
 public:
  AttributesReader(const scim::Registry& registry, const scim::ResourceType& user_type)
      : registry_(registry), user_type_(user_type) {}

  json::Array read(Fields& fields, ConsentPurpose& purpose) const {
    json::Array rows;
    readElements(fields, "attributes", kMaxAttributes, [&](Fields& row, const json::Object&) {
      row.allowOnly({"attribute", "mandatory"});
      const std::string text = row.text("attribute");
      const bool mandatory = row.booleanOr("mandatory", false);
      if (row.error()) return;
      auto path = ConsentPath::bind(registry_, user_type_, text);
      if (!path) {
        row.fail("attribute", path.error().detail);
        return;
      }
      for (const PurposeAttribute& other : purpose.attributes) {
        if (other.path.contains(*path) || path->contains(other.path)) {
          row.fail("attribute", "is named twice: '" + other.path.text() + "' is there already");
        }
      }
      rows.push_back(json::Object{{"attribute", path->text()}, {"mandatory", mandatory}});
      purpose.attributes.push_back({*std::move(path), mandatory});
    });
    if (purpose.attributes.empty()) purpose.attributes.push_back({ConsentPath(), true});
    return rows;
  }

 private:
  const scim::Registry& registry_;
  const scim::ResourceType& user_type_;
};

std::string_view readOnWithdrawal(Fields& fields, ConsentPurpose& purpose) {
  constexpr std::string_view kRemove = "removeValues";
  constexpr std::string_view kDisable = "disableUser";
  const bool as_a_whole = purpose.attributes.front().path.text().empty();
  purpose.on_withdrawal = fields.wordOr<OnWithdrawal>(
      "onWithdrawal",
      {{kRemove, OnWithdrawal::kRemoveValues}, {kDisable, OnWithdrawal::kDisableUser}},
      as_a_whole ? OnWithdrawal::kDisableUser : OnWithdrawal::kRemoveValues);
  if (as_a_whole && purpose.on_withdrawal == OnWithdrawal::kRemoveValues) {
    fields.fail("onWithdrawal",
                "is removeValues, and the purpose names no attribute whose values could be "
                "removed: name some, or use disableUser");
  }
  return purpose.on_withdrawal == OnWithdrawal::kRemoveValues ? kRemove : kDisable;
}

/// Puts the versions that are stored with a purpose into its attributes.
Result<void> readTerms(const std::string& text, ConsentPurpose& purpose) {
  auto terms = json::parse(text);
  for (PurposeAttribute& attribute : purpose.attributes) {
    const json::Value* since = terms ? terms->find(attribute.path.text()) : nullptr;
    const auto number =
        since != nullptr && since->number() != nullptr ? since->number()->asInt64() : std::nullopt;
    if (!number || *number < 1 || *number > std::numeric_limits<std::uint32_t>::max()) {
      return internalFailure("consent purpose " + purpose.name + ": no terms of '" +
                             attribute.path.text() + "' are stored");
    }
    attribute.since = static_cast<std::uint32_t>(*number);
  }
  return {};
}

bool sameTexts(const ConsentPurpose& left, const ConsentPurpose& right) {
  const json::Value* texts = left.document.find("texts");
  const json::Value* others = right.document.find("texts");
  return texts != nullptr && others != nullptr && *texts == *others;
}

}  // namespace

Result<ConsentPurpose> compileConsentPurpose(const scim::Registry& registry,
                                             const scim::ResourceType& user_type,
                                             const json::Value& document) {
  if (!document.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a consent purpose is a JSON object");
  }
  ConsentPurpose purpose;
  Fields fields(*document.object(), Place("consent purpose"));
  fields.allowOnly({"name", "texts", "attributes", "onWithdrawal"});
  purpose.name = fields.text("name");
  if (!fields.error()) {
    if (const auto fault = directory::faultOfName(purpose.name); !fault.empty()) {
      fields.fail("name", fault);
    }
  }
  json::Object texts = readTexts(fields, purpose);
  json::Array attributes = AttributesReader(registry, user_type).read(fields, purpose);
  const auto on_withdrawal = readOnWithdrawal(fields, purpose);
  if (fields.error()) return tl::make_unexpected(*fields.error());
  purpose.document = json::Object{{"name", purpose.name},
                                  {"texts", std::move(texts)},
                                  {"attributes", std::move(attributes)},
                                  {"onWithdrawal", on_withdrawal}};
  return purpose;
}

Result<ConsentPurpose> compileConsentPurpose(const scim::Registry& registry,
                                             const scim::ResourceType& user_type,
                                             const store::ConsentPurposeRow& row) {
  auto document = json::parse(row.text.settings);
  if (!document) return propagate(document);
  auto purpose = compileConsentPurpose(registry, user_type, *document);
  if (!purpose) return propagate(purpose);
  purpose->number = row.number;
  purpose->version = row.version;
  if (auto terms = readTerms(row.text.terms, *purpose); !terms) return propagate(terms);
  return purpose;
}

void settleTerms(ConsentPurpose& purpose, std::uint32_t version, const ConsentPurpose* before,
                 bool editorial) {
  purpose.version = version;
  const bool asks_all = before == nullptr || (!editorial && !sameTexts(purpose, *before));
  for (PurposeAttribute& attribute : purpose.attributes) {
    attribute.since = version;
    if (asks_all) continue;
    for (const PurposeAttribute& old : before->attributes) {
      const bool became_mandatory = attribute.mandatory && !old.mandatory;
      if (old.path.text() == attribute.path.text() && !became_mandatory) {
        attribute.since = old.since;
      }
    }
  }
}

store::ConsentPurposeText textOf(const ConsentPurpose& purpose) {
  json::Object terms;
  for (const PurposeAttribute& attribute : purpose.attributes) {
    terms.set(attribute.path.text(), std::uint64_t{attribute.since});
  }
  return {json::write(purpose.document), json::write(terms)};
}

const std::pair<const std::string, PurposeText>& textIn(const ConsentPurpose& purpose,
                                                        std::string_view language) {
  const auto& texts = purpose.texts;
  const std::string wanted = canonicalLanguage(language).value_or(std::string());
  auto found = texts.find(wanted);
  if (found == texts.end())
    found = texts.find(std::string_view(wanted).substr(0, wanted.find('-')));
  if (found == texts.end()) found = texts.find(kFallbackLanguage);
  return *found;
}

}  // namespace vestibule::jit
