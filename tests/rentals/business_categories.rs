//! The kinds of business.
//!
//! Covers: ListBusinessCategories.

use crate::support::{Server, http, run};

#[test]
fn kinds_of_business_are_listed_by_name_in_the_language_of_the_request() {
    run(async {
        let base = &Server::shared().await.base;
        let list = async |language: &str, query: &str| {
            let url = format!("{base}/api/business_categories{query}");
            let request = http::request("GET", &url).header("accept-language", language);
            http::send(request).await.is(200)
        };
        let whole = list("en", "").await;
        let names = whole.each("name");
        assert_eq!(names.len(), 18);
        assert!(names.is_sorted_by_key(|name| name.as_str().map(str::to_owned)), "{names:?}");
        assert_eq!(whole.json()["meta"]["total_count"], 18);
        assert!(names.contains(&"Photography".into()), "{names:?}");
        assert!(list("pt", "").await.each("name").contains(&"Fotografia".into()));
        let in_portuguese = list("pt", "").await.each("name");
        assert_eq!(
            in_portuguese[0], "Áudio e vídeo",
            "an accent puts nothing last: {in_portuguese:?}"
        );
        let page = list("en", "?page%5Bsize%5D=4&page%5Bnumber%5D=5").await;
        assert_eq!(page.each("name"), names[16..]);
    });
}
