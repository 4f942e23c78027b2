#pragma once
// A text that holds a person's label at known places, so that the same person under another label
// costs a few copied bytes instead of being made anew.

#include <string>
#include <string_view>
#include <vector>

#include "population.h"

namespace vestibule::bench {

/// The label that templates are made with. No generated text holds it by chance.
inline constexpr std::string_view kTemplateLabel = "zz0template";
static_assert(kTemplateLabel.size() == kNewLabelLength);

/// A text with places for a label of kTemplateLabel's length.
class LabelledText {
 public:
  LabelledText() = default;
  /// Finds kTemplateLabel in the text.
  explicit LabelledText(std::string text) : text_(std::move(text)) {
    for (auto at = text_.find(kTemplateLabel); at != std::string::npos;
         at = text_.find(kTemplateLabel, at + kTemplateLabel.size())) {
      places_.push_back(at);
    }
  }

  /// Puts the label in; it has kTemplateLabel's length.
  void set(std::string_view label) {
    for (const auto place : places_) text_.replace(place, label.size(), label);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::size_t> places_;
};

}  // namespace vestibule::bench
