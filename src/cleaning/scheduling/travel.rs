//! How long the way between two homes is.

/// Mean radius of the Earth in kilometres.
const EARTH_RADIUS_KM: f64 = 6371.0088;

/// How much longer a way is than the line through the air.
const DETOUR: f64 = 1.3;

/// Where something is, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Latitude, -90 to 90.
    pub lat: f64,
    /// Longitude, -180 to 180.
    pub lng: f64,
}

impl Point {
    /// Kilometres to another place through the air, along the great circle.
    #[must_use]
    pub fn kilometres_to(self, other: Self) -> f64 {
        let [from, to] = [self.lat, other.lat].map(f64::to_radians);
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let chord = half(other.lat - self.lat) + from.cos() * to.cos() * half(other.lng - self.lng);
        2.0 * EARTH_RADIUS_KM * chord.min(1.0).sqrt().asin()
    }
}

/// A home.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Its id.
    pub location_id: i64,
    /// Where it is, once that is known.
    pub point: Option<Point>,
}

/// How a cleaner travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TravelMode {
    /// By car.
    Driving,
    /// On foot.
    Walking,
    /// By bicycle.
    Bicycling,
    /// By bus and train.
    Transit,
}

impl TravelMode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Driving, Self::Walking, Self::Bicycling, Self::Transit];

    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Driving => "driving",
            Self::Walking => "walking",
            Self::Bicycling => "bicycling",
            Self::Transit => "transit",
        }
    }

    /// Kilometres an hour, and minutes of waiting.
    const fn speed(self) -> (f64, f64) {
        match self {
            Self::Driving => (35.0, 0.0),
            Self::Walking => (4.8, 0.0),
            Self::Bicycling => (14.0, 0.0),
            Self::Transit => (18.0, 10.0),
        }
    }
}

/// How ways are reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Travel {
    /// How the cleaner travels.
    pub mode: TravelMode,
    /// Minutes of the shortest way.
    pub least_minutes: u32,
    /// Minutes of a way of which nothing is known.
    pub unknown_minutes: u32,
    /// Minutes that are kept free before and after every visit beside the way.
    pub buffer_minutes: u32,
}

impl Travel {
    /// Minutes from one home to another; none from a home to itself.
    #[must_use]
    pub fn minutes(&self, from: &Place, to: &Place) -> u32 {
        if from.location_id == to.location_id {
            return 0;
        }
        let (Some(here), Some(there)) = (from.point, to.point) else { return self.unknown_minutes };
        let (speed, waiting) = self.mode.speed();
        let minutes = here.kilometres_to(there) * DETOUR / speed * 60.0 + waiting;
        match minutes.ceil() as u32 {
            0 => 0,
            minutes => minutes.max(self.least_minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPIRE_STATE: Point = Point { lat: 40.7484, lng: -73.9857 };
    const BROOKLYN_BRIDGE: Point = Point { lat: 40.7061, lng: -73.9969 };

    fn minutes(mode: TravelMode, from: Option<Point>, to: Option<Point>) -> u32 {
        let travel = Travel { mode, least_minutes: 5, unknown_minutes: 15, buffer_minutes: 0 };
        let [from, to] =
            [(1, from), (2, to)].map(|(location_id, point)| Place { location_id, point });
        assert_eq!(travel.minutes(&from, &from), 0);
        travel.minutes(&from, &to)
    }

    #[test]
    fn ways_are_longer_than_the_line_through_the_air() {
        let kilometres = EMPIRE_STATE.kilometres_to(BROOKLYN_BRIDGE);
        assert!((kilometres - 4.797).abs() < 0.0005, "{kilometres}");
        for (mode, expected) in TravelMode::ALL.into_iter().zip([11, 78, 27, 31]) {
            let read = minutes(mode, Some(EMPIRE_STATE), Some(BROOKLYN_BRIDGE));
            assert_eq!(read, expected, "{mode:?}");
        }
        let next_door = Point { lat: 40.7485, ..EMPIRE_STATE };
        assert_eq!(minutes(TravelMode::Driving, Some(EMPIRE_STATE), Some(next_door)), 5);
        assert_eq!(minutes(TravelMode::Driving, Some(EMPIRE_STATE), Some(EMPIRE_STATE)), 0);
        assert_eq!(minutes(TravelMode::Driving, None, Some(EMPIRE_STATE)), 15);
    }

    #[test]
    fn the_other_side_of_the_earth_is_half_way_around_it() {
        let kilometres = Point { lat: 0.0, lng: 0.0 }.kilometres_to(Point { lat: 0.0, lng: 180.0 });
        assert!((kilometres - EARTH_RADIUS_KM * std::f64::consts::PI).abs() < 1e-6);
    }
}
