#include "scim/schema/document_reader.h"

#include <algorithm>

namespace vestibule::scim {

Place Place::member(std::string_view key) const {
  Place place = *this;
  place.pointer_ += '/';
  for (const char c : key) {
    if (c == '~') {
      place.pointer_ += "~0";
    } else if (c == '/') {
      place.pointer_ += "~1";
    } else {
      place.pointer_ += c;
    }
  }
  return place;
}

Place Place::element(std::size_t index) const { return member(std::to_string(index)); }

Error Place::error(std::string_view reason) const {
  std::string detail = file_ + ": ";
  if (!pointer_.empty()) detail += pointer_ + ": ";
  detail += reason;
  return Error{ErrorKind::kInvalidValue, std::move(detail), {}, {}, {}};
}

void Fields::allowOnly(std::initializer_list<std::string_view> keys) {
  for (const json::Member& member : object_) {
    if (std::find(keys.begin(), keys.end(), member.key) == keys.end()) {
      fail(member.key, "is not known here");
    }
  }
}

std::string Fields::text(std::string_view key) {
  const std::optional<std::string> text = optionalText(key);
  if (!text) {
    fail(key, "is missing");
    return {};
  }
  if (text->empty()) fail(key, "must not be empty");
  return *text;
}

std::string Fields::textOr(std::string_view key, std::string_view fallback) {
  return optionalText(key).value_or(std::string(fallback));
}

bool Fields::boolean(std::string_view key) {
  if (!has(key)) fail(key, "is missing");
  return booleanOr(key, false);
}

bool Fields::booleanOr(std::string_view key, bool fallback) {
  const json::Value* value = object_.find(key);
  if (value == nullptr) return fallback;
  if (const bool* boolean = value->boolean()) return *boolean;
  fail(key, "must be true or false");
  return fallback;
}

std::vector<std::string> Fields::texts(std::string_view key) {
  std::vector<std::string> texts;
  const json::Array* values = array(key);
  if (values == nullptr) return texts;
  for (const json::Value& value : *values) {
    const std::string* text = value.string();
    if (text == nullptr || text->empty()) {
      fail(key, "must hold non-empty strings only");
      return {};
    }
    texts.push_back(*text);
  }
  return texts;
}

const json::Array* Fields::array(std::string_view key) {
  const json::Value* value = object_.find(key);
  if (value == nullptr) return nullptr;
  const json::Array* array = value->array();
  if (array == nullptr) fail(key, "must be an array");
  return array;
}

const json::Object* Fields::object(std::string_view key) {
  const json::Value* value = object_.find(key);
  if (value == nullptr) return nullptr;
  const json::Object* object = value->object();
  if (object == nullptr) fail(key, "must be an object");
  return object;
}

std::optional<std::string> Fields::optionalText(std::string_view key) {
  const json::Value* value = object_.find(key);
  if (value == nullptr) return std::nullopt;
  if (const std::string* text = value->string()) return *text;
  fail(key, "must be a string");
  return std::nullopt;
}

void Fields::fail(std::string_view key, std::string_view reason) {
  if (!error_) error_ = place_.member(key).error(reason);
}

}  // namespace vestibule::scim
