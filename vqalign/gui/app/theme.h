#pragma once

#include <QString>
#include <optional>

namespace vqalign {

/// Light or dark, or as the desktop has it.
enum class Theme { kSystem, kLight, kDark };

/// "system", "light", "dark"; and back, nothing where the name is none.
QString theme_name(Theme theme);
std::optional<Theme> theme_from(const QString& name);

/// Gives the whole application the theme's colours, those of figures. The desktop's own are looked
/// at when this is first called.
void apply_theme(Theme theme);

}  // namespace vqalign
