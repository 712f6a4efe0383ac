"use strict";(()=>{var e=localStorage.getItem("euexia-theme");(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e);})();
