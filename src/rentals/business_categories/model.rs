//! The kinds of business.

/// A kind of business.
#[derive(Debug, Clone, Copy)]
pub struct BusinessCategory {
    /// Its id.
    pub id: i64,
    /// Short name that never changes.
    pub slug: &'static str,
    /// Name in English, Portuguese and Spanish.
    pub names: [&'static str; 3],
    /// The insurance class that its items have unless told otherwise.
    pub insurance_class: &'static str,
}

const fn category(
    id: i64,
    slug: &'static str,
    names: [&'static str; 3],
    insurance_class: &'static str,
) -> BusinessCategory {
    BusinessCategory { id, slug, names, insurance_class }
}

/// All of them, by id.
pub const BUSINESS_CATEGORIES: [BusinessCategory; 18] = [
    category(
        1,
        "audio_video",
        ["Audio and video", "Áudio e vídeo", "Audio y vídeo"],
        "electronics",
    ),
    category(2, "photo", ["Photography", "Fotografia", "Fotografía"], "photo_video"),
    category(3, "events", ["Events", "Eventos", "Eventos"], "events"),
    category(4, "party", ["Parties", "Festas", "Fiestas"], "events"),
    category(5, "tools", ["Tools", "Ferramentas", "Herramientas"], "tools"),
    category(6, "construction", ["Construction", "Construção", "Construcción"], "construction"),
    category(7, "gardening", ["Gardening", "Jardinagem", "Jardinería"], "tools"),
    category(8, "cleaning", ["Cleaning", "Limpeza", "Limpieza"], "tools"),
    category(9, "sports", ["Sports", "Desporto", "Deportes"], "sports"),
    category(10, "bikes", ["Bikes", "Bicicletas", "Bicicletas"], "bikes"),
    category(
        11,
        "surf_water",
        ["Surf and water sports", "Surf e desportos náuticos", "Surf y deportes acuáticos"],
        "sports",
    ),
    category(12, "camping", ["Camping", "Campismo", "Camping"], "sports"),
    category(
        13,
        "baby_kids",
        ["Babies and children", "Bebés e crianças", "Bebés y niños"],
        "other",
    ),
    category(14, "medical", ["Medical equipment", "Equipamento médico", "Equipo médico"], "other"),
    category(15, "fashion", ["Fashion", "Moda", "Moda"], "other"),
    category(16, "vehicles", ["Vehicles", "Veículos", "Vehículos"], "vehicles"),
    category(17, "electronics", ["Electronics", "Eletrónica", "Electrónica"], "electronics"),
    category(18, "other", ["Other", "Outros", "Otros"], "other"),
];
