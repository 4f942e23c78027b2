#include "jit/transforms.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/blanks.h"
#include "base/letter_case.h"
#include "jit/claims.h"
#include "jit/settings_reader.h"
#include "policy/pattern.h"

namespace vestibule::jit {
namespace {

constexpr std::size_t kMaxText = 255;

using Words = std::array<std::pair<std::string_view, TransformKind>, 3>;

constexpr Words kPlain{{{"trim", TransformKind::kTrim},
                        {"lowercase", TransformKind::kLowercase},
                        {"uppercase", TransformKind::kUppercase}}};
constexpr Words kWithText{{{"split", TransformKind::kSplit},
                           {"prefix", TransformKind::kPrefix},
                           {"suffix", TransformKind::kSuffix}}};

constexpr std::string_view kForms =
    "is none of \"trim\", \"lowercase\", \"uppercase\", {\"replace\": {\"pattern\", \"with\"}}, "
    "{\"split\": \",\"}, {\"prefix\": \"\xE2\x80\xA6\"}, {\"suffix\": \"\xE2\x80\xA6\"}";

Transform readReplace(scim::Fields& parent) {
  Transform transform;
  transform.kind = TransformKind::kReplace;
  const json::Object& object = objectOrNone(parent, "replace");
  scim::Fields fields(object, parent.place().member("replace"));
  fields.allowOnly({"pattern", "with"});
  const std::string pattern = fields.text("pattern");
  const std::string with = fields.textOr("with", "");
  if (!fields.error()) {
    auto replacement = policy::Replacement::compile(pattern, with);
    if (replacement) {
      transform.replacement = *std::move(replacement);
    } else {
      fields.fail("pattern", replacement.error().detail);
    }
  }
  if (fields.error()) parent.adopt(*fields.error());
  return transform;
}

Transform readOne(scim::Fields& parent, const json::Value& stated, const scim::Place& place) {
  Transform transform;
  if (const std::string* word = stated.string()) {
    for (const auto& [name, kind] : kPlain) {
      if (name != *word) continue;
      transform.kind = kind;
      return transform;
    }
    parent.adopt(place.error(kForms));
    return transform;
  }
  const json::Object* object = stated.object();
  if (object == nullptr || object->size() != 1) {
    parent.adopt(place.error(kForms));
    return transform;
  }
  scim::Fields fields(*object, place);
  fields.allowOnly({"replace", "split", "prefix", "suffix"});
  if (fields.has("replace")) transform = readReplace(fields);
  for (const auto& [name, kind] : kWithText) {
    if (!fields.has(name)) continue;
    transform.kind = kind;
    transform.text = fields.text(name);
    if (transform.text.size() > kMaxText) fields.fail(name, "is longer than 255 bytes");
  }
  if (fields.error()) parent.adopt(*fields.error());
  return transform;
}

tl::unexpected<Error> tooMuch(const std::string& reason) {
  return failure(ErrorKind::kInvalidValue, reason);
}

/// Adds what is not blank.
void keep(std::string text, std::vector<json::Value>& values) {
  if (!trimmed(text).empty()) values.emplace_back(std::move(text));
}

Result<void> apply(const Transform& step, std::string text, std::vector<json::Value>& values,
                   TransformBudget& budget) {
  switch (step.kind) {
    case TransformKind::kTrim:
      keep(std::string(trimmed(text)), values);
      return {};
    case TransformKind::kLowercase:
      keep(lowerCase(text), values);
      return {};
    case TransformKind::kUppercase:
      keep(upperCase(text), values);
      return {};
    case TransformKind::kPrefix:
      keep(step.text + text, values);
      return {};
    case TransformKind::kSuffix:
      keep(std::move(text) + step.text, values);
      return {};
    case TransformKind::kSplit: {
      std::string_view rest = text;
      for (std::size_t at = 0; (at = rest.find(step.text)) != std::string_view::npos;) {
        keep(std::string(rest.substr(0, at)), values);
        rest.remove_prefix(at + step.text.size());
        if (values.size() > kMaxTransformedValues) return {};
      }
      keep(std::string(rest), values);
      return {};
    }
    case TransformKind::kReplace:
      break;
  }
  if (text.size() > budget.replaced_bytes) {
    return tooMuch("the claims have more text than patterns are looked for in");
  }
  budget.replaced_bytes -= text.size();
  auto replaced = step.replacement->apply(text);
  if (!replaced) return tooMuch("the value is too long or too much work for a pattern to replace");
  keep(*std::move(replaced), values);
  return {};
}

}  // namespace

Transforms readTransforms(scim::Fields& fields, json::Object& row) {
  Transforms transforms;
  const json::Array* stated = fields.array("transforms");
  if (stated == nullptr) return transforms;
  if (stated->size() > kMaxTransforms) fields.fail("transforms", "has more than 10 steps");
  const scim::Place place = fields.place().member("transforms");
  for (std::size_t i = 0; i < stated->size() && !fields.error(); ++i) {
    transforms.push_back(readOne(fields, (*stated)[i], place.element(i)));
  }
  row.set("transforms", *stated);
  return transforms;
}

Result<std::vector<json::Value>> transformed(const Transforms& transforms,
                                             const std::vector<const json::Value*>& values,
                                             TransformBudget& budget) {
  std::vector<json::Value> now;
  now.reserve(values.size());
  for (const json::Value* value : values) now.push_back(*value);
  for (const Transform& step : transforms) {
    std::vector<json::Value> next;
    for (json::Value& value : now) {
      auto text = claimText(value);
      if (!text) {
        next.push_back(std::move(value));
      } else if (auto applied = apply(step, *std::move(text), next, budget); !applied) {
        return propagate(applied);
      }
      if (next.size() > kMaxTransformedValues) {
        return tooMuch("there are more than 1000 values to transform");
      }
    }
    now = std::move(next);
  }
  return now;
}

}  // namespace vestibule::jit
