# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clips onto many avatars, each in a process of its own. No ``bpy`` here but in the children.

A jobs file says what is wanted (:mod:`.jobs_file`), records say what was done to which inputs
(:mod:`.job_state`), children do the work (:mod:`.children`, :mod:`.work`), and a runner hands jobs to
whatever executor it is given (:mod:`.runner`).
"""
