//! Where categories are: the rules of the tree.

/// The most levels.
pub const DEEPEST: usize = 5;

/// A category in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: i64,
    /// Id of the category above.
    pub parent_id: Option<i64>,
    /// Place among its siblings, from 0.
    pub position: i32,
}

/// Where a category is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Below a parent, or none, at a position, or last.
    Below(Option<i64>, Option<usize>),
    /// Where it is, at a position, or last.
    Among(Option<usize>),
    /// Right before another one.
    Before(i64),
    /// Right after another one.
    After(i64),
}

/// Why a category cannot go somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    /// There is no such category.
    Nowhere,
    /// It would come below, or beside, itself.
    Cycle,
    /// Its branch would reach too deep.
    TooDeep,
}

/// All categories of a business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// The tree of all categories, in any order.
    #[must_use]
    pub fn new(nodes: Vec<Node>) -> Self {
        Self { nodes }
    }

    /// The category with an id.
    #[must_use]
    pub fn node(&self, id: i64) -> Option<Node> {
        self.nodes.iter().find(|node| node.id == id).copied()
    }

    /// The categories right below one, or the roots, in their order.
    #[must_use]
    pub fn children(&self, parent: Option<i64>) -> Vec<i64> {
        let mut found: Vec<&Node> =
            self.nodes.iter().filter(|node| node.parent_id == parent).collect();
        found.sort_by_key(|node| node.position);
        found.into_iter().map(|node| node.id).collect()
    }

    /// Ids from a category up to its root.
    fn upwards(&self, from: Option<i64>) -> impl Iterator<Item = i64> {
        let above = |id: i64| self.node(id).and_then(|node| node.parent_id);
        // A tree that is one is never higher than the number of its categories.
        std::iter::successors(from, move |id| above(*id)).take(self.nodes.len())
    }

    /// How many levels a branch has, from the category itself on.
    fn height(&self, id: i64) -> usize {
        let below = self.children(Some(id)).into_iter().map(|child| self.height(child));
        1 + below.max().unwrap_or(0)
    }

    /// Checks that a branch of so many levels may be below a category, or be one of a root.
    ///
    /// # Errors
    /// When there is no such category, or the branch would reach too deep.
    pub fn check_below(&self, parent: Option<i64>, levels: usize) -> Result<(), Misplaced> {
        if parent.is_some_and(|parent| self.node(parent).is_none()) {
            return Err(Misplaced::Nowhere);
        }
        if self.upwards(parent).count() + levels > DEEPEST {
            return Err(Misplaced::TooDeep);
        }
        Ok(())
    }

    /// Numbers siblings by their order, all of which come to be below `parent`.
    fn number(&mut self, parent: Option<i64>, order: &[i64]) {
        for (position, id) in (0..).zip(order) {
            if let Some(node) = self.nodes.iter_mut().find(|node| node.id == *id) {
                *node = Node { id: *id, parent_id: parent, position };
            }
        }
    }

    /// Adds a category that has none below it; beyond the last place it is the last.
    ///
    /// # Errors
    /// As [`Tree::check_below`].
    pub fn add(
        &mut self,
        id: i64,
        parent: Option<i64>,
        at: Option<usize>,
    ) -> Result<(), Misplaced> {
        self.check_below(parent, 1)?;
        let siblings = self.children(parent);
        self.nodes.push(Node { id, parent_id: parent, position: 0 });
        self.number(parent, &inserted(siblings, id, at));
        Ok(())
    }

    /// Moves a category with all that is below it.
    ///
    /// # Errors
    /// When it cannot go there; the tree is then as it was.
    pub fn place(&mut self, id: i64, place: Place) -> Result<(), Misplaced> {
        let node = self.node(id).ok_or(Misplaced::Nowhere)?;
        let beside = |other: i64, after: usize| {
            if other == id {
                return Err(Misplaced::Cycle);
            }
            let parent = self.node(other).ok_or(Misplaced::Nowhere)?.parent_id;
            let others = self.children(parent).into_iter().filter(|sibling| *sibling != id);
            let at = others.take_while(|sibling| *sibling != other).count() + after;
            Ok((parent, Some(at)))
        };
        let (parent, at) = match place {
            Place::Below(parent, at) => (parent, at),
            Place::Among(at) => (node.parent_id, at),
            Place::Before(other) => beside(other, 0)?,
            Place::After(other) => beside(other, 1)?,
        };
        if self.upwards(parent).any(|above| above == id) {
            return Err(Misplaced::Cycle);
        }
        self.check_below(parent, self.height(id))?;
        let mut left = self.children(node.parent_id);
        left.retain(|sibling| *sibling != id);
        self.number(node.parent_id, &left);
        let mut siblings = self.children(parent);
        siblings.retain(|sibling| *sibling != id);
        self.number(parent, &inserted(siblings, id, at));
        Ok(())
    }

    /// Takes a category out; those below it take its place.
    pub fn remove(&mut self, id: i64) {
        let Some(node) = self.node(id) else { return };
        let risen = self.children(Some(id));
        let mut siblings = self.children(node.parent_id);
        let place = siblings.iter().position(|sibling| *sibling == id);
        let place = place.map_or(0..0, |place| place..place + 1);
        siblings.splice(place, risen);
        self.nodes.retain(|node| node.id != id);
        self.number(node.parent_id, &siblings);
    }

    /// Moves those right below a category to the end of those below another one.
    ///
    /// # Errors
    /// When that is the category itself, below it or not there, or a branch would reach too deep.
    pub fn hand_over(&mut self, from: i64, to: i64) -> Result<(), Misplaced> {
        if self.upwards(Some(to)).any(|above| above == from) {
            return Err(Misplaced::Cycle);
        }
        self.check_below(Some(to), self.height(from) - 1)?;
        let mut children = self.children(Some(to));
        children.extend(self.children(Some(from)));
        self.number(Some(to), &children);
        Ok(())
    }

    /// The categories that are elsewhere than in `before`, without those that were not in it.
    #[must_use]
    pub fn moved_since(&self, before: &Self) -> Vec<Node> {
        let is_elsewhere = |node: &&Node| before.node(node.id).is_some_and(|was| was != **node);
        self.nodes.iter().filter(is_elsewhere).copied().collect()
    }
}

fn inserted(mut siblings: Vec<i64>, id: i64, at: Option<usize>) -> Vec<i64> {
    let last = siblings.len();
    siblings.insert(at.map_or(last, |at| at.min(last)), id);
    siblings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 1 > (2 > 3 > 4 > 5, 6), 7
    fn tree() -> Tree {
        let node = |id, parent_id, position| Node { id, parent_id, position };
        Tree::new(vec![
            node(1, None, 0),
            node(2, Some(1), 0),
            node(3, Some(2), 0),
            node(4, Some(3), 0),
            node(5, Some(4), 0),
            node(6, Some(1), 1),
            node(7, None, 1),
        ])
    }

    #[test]
    fn a_branch_moves_with_what_is_below_it() {
        let mut tree = tree();
        tree.place(2, Place::Below(None, Some(0))).unwrap();
        assert_eq!(tree.children(None), [2, 1, 7]);
        assert_eq!(tree.children(Some(1)), [6]);
        assert_eq!(tree.children(Some(2)), [3]);
        tree.place(2, Place::Below(Some(7), Some(99))).unwrap();
        assert_eq!(tree.children(None), [1, 7]);
        assert_eq!(tree.children(Some(7)), [2]);
    }

    #[test]
    fn a_category_moves_beside_another_one() {
        for (id, place, expected) in [
            (7, Place::Before(1), vec![7, 1]),
            (1, Place::After(7), vec![7, 1]),
            (7, Place::After(7 - 6), vec![1, 7]),
            (6, Place::Before(7), vec![1, 6, 7]),
            (6, Place::After(7), vec![1, 7, 6]),
            (1, Place::Among(Some(1)), vec![7, 1]),
            (1, Place::Among(None), vec![7, 1]),
            (7, Place::Among(Some(0)), vec![7, 1]),
        ] {
            let mut tree = tree();
            tree.place(id, place).unwrap();
            assert_eq!(tree.children(None), expected, "{id} {place:?}");
        }
    }

    #[test]
    fn says_why_a_category_cannot_go_somewhere() {
        for (id, place, expected) in [
            (1, Place::Below(Some(5), None), Misplaced::Cycle),
            (1, Place::Below(Some(1), None), Misplaced::Cycle),
            (1, Place::Before(3), Misplaced::Cycle),
            (1, Place::After(1), Misplaced::Cycle),
            (7, Place::Below(Some(5), None), Misplaced::TooDeep),
            (2, Place::Below(Some(6), None), Misplaced::TooDeep),
            (7, Place::Below(Some(99), None), Misplaced::Nowhere),
            (7, Place::Before(99), Misplaced::Nowhere),
        ] {
            let mut tree = tree();
            assert_eq!(tree.place(id, place), Err(expected), "{id} {place:?}");
            assert_eq!(tree, self::tree());
        }
        let mut tree = tree();
        assert_eq!(tree.add(8, Some(5), None), Err(Misplaced::TooDeep));
        assert_eq!(tree.add(8, Some(9), None), Err(Misplaced::Nowhere));
        tree.add(8, Some(4), Some(0)).unwrap();
        assert_eq!(tree.children(Some(4)), [8, 5]);
    }

    #[test]
    fn what_is_below_rises_or_is_handed_over() {
        let mut tree = tree();
        tree.remove(1);
        assert_eq!(tree.children(None), [2, 6, 7]);
        let mut tree = self::tree();
        tree.hand_over(1, 7).unwrap();
        tree.remove(1);
        assert_eq!(tree.children(None), [7]);
        assert_eq!(tree.children(Some(7)), [2, 6]);
        let mut tree = self::tree();
        assert_eq!(tree.hand_over(1, 6), Err(Misplaced::Cycle));
        assert_eq!(tree.hand_over(1, 1), Err(Misplaced::Cycle));
        assert_eq!(tree.hand_over(2, 99), Err(Misplaced::Nowhere));
        tree.add(8, Some(6), None).unwrap();
        tree.add(9, Some(8), None).unwrap();
        assert_eq!(tree.hand_over(2, 9), Err(Misplaced::TooDeep));
    }

    #[test]
    fn tells_what_has_moved() {
        let before = tree();
        let mut after = before.clone();
        after.add(8, None, Some(1)).unwrap();
        let expected = Node { id: 7, parent_id: None, position: 2 };
        assert_eq!(after.moved_since(&before), [expected]);
    }

    proptest! {
        #[test]
        fn stays_a_tree_whatever_is_done(
            steps in proptest::collection::vec((0..5, 1..12_i64, 0..12_i64, 0..4_usize), 1..60),
        ) {
            let mut tree = Tree::default();
            for (what, id, other, at) in steps {
                let parent = (other > 0).then_some(other);
                let known = tree.node(id).is_some();
                match what {
                    0 if !known => _ = tree.add(id, parent, Some(at)),
                    1 => _ = tree.place(id, Place::Below(parent, Some(at))),
                    2 => _ = tree.place(id, Place::After(other)),
                    3 => tree.remove(id),
                    _ if known && tree.hand_over(id, other).is_ok() => tree.remove(id),
                    _ => {}
                }
                let mut seen = 0;
                let mut level: Vec<Option<i64>> = vec![None];
                for _ in 0..DEEPEST {
                    let mut next = Vec::new();
                    for parent in level {
                        let children = tree.children(parent);
                        for (position, child) in (0..).zip(&children) {
                            prop_assert_eq!(tree.node(*child).unwrap().position, position);
                        }
                        seen += children.len();
                        next.extend(children.into_iter().map(Some));
                    }
                    level = next;
                }
                // All are reached from the roots within the levels there may be.
                prop_assert_eq!(seen, tree.nodes.len());
            }
        }
    }
}
